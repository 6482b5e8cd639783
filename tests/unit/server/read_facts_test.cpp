#include "server/read_facts.hpp"

#include "sim/sdk_hardware.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;

namespace {

server_facts facts_by(const std::string& survey) {
    server_facts facts{.software = "LM Studio", .version = "0.4.16", .build = "1"};
    server::take_survey(boost::json::parse(survey), facts);
    return facts;
}

/// As LM Studio's SDK declares it, of an engine that sees these devices.
std::string engine(const std::string& name, const std::string& gpus) {
    return R"({"name":")" + name +
           R"(","version":"1.3.0","engine":"llama.cpp","hardwareSurvey":{"gpuSurveyResult":)"
           R"({"result":{"code":"success","message":""},"gpuInfo":[)" +
           gpus +
           R"(]},"cpuSurveyResult":{"result":{"code":"success","message":""},"cpuInfo":)"
           R"({"name":"AMD EPYC 7543","architecture":"x86_64"}}},"memoryInfo":)"
           R"({"ramCapacity":68719476736,"vramCapacity":51539607552,"totalMemory":0}})";
}

const std::string card =
    R"({"name":"NVIDIA L4","deviceId":0,"totalMemoryCapacityBytes":25769803776,)"
    R"("detectionPlatform":"CUDA"})";

}  // namespace

TEST_CASE("facts: a survey of the hardware, over the engines that are chosen") {
    const auto facts = facts_by(R"({"status":"ok","engines":[)" + engine("cpu", "") + "," +
                                engine("cuda", card + "," + card) + "]}");
    CHECK(facts.runtimes == std::vector<std::string>{"cpu 1.3.0", "cuda 1.3.0"});
    REQUIRE(facts.hardware);
    CHECK(facts.hardware->gpus.size() == 2);
    CHECK(hardware_text(*facts.hardware) ==
          "AMD EPYC 7543, 64 GiB RAM, NVIDIA L4 (CUDA, 24 GiB), NVIDIA L4 (CUDA, 24 GiB), 48 GiB "
          "VRAM in all");
    CHECK(software_text(facts) == "LM Studio 0.4.16, build 1");
}

TEST_CASE("facts: a survey that says nothing, or not what it should") {
    for (const char* survey : {"null", "[]", "{}", R"({"engines":5})", R"({"engines":[7,{}]})",
                               R"({"engines":[{"hardwareSurvey":3,"name":5}]})"}) {
        CAPTURE(std::string{survey});
        const auto facts = facts_by(survey);
        CHECK(facts.runtimes.empty());
        CHECK_FALSE(facts.hardware);
    }
    const auto bare =
        facts_by(R"({"engines":[{"hardwareSurvey":{"gpuSurveyResult":{"gpuInfo":[5,{}]}}}]})");
    REQUIRE(bare.hardware);
    CHECK(bare.hardware->gpus.size() == 1);
    CHECK(software_text({}).empty());
    CHECK(hardware_text({}) == "no GPU");
}

TEST_CASE("facts: the built-in server's own survey") {
    const auto facts = facts_by(sim::hardware_survey());
    REQUIRE(facts.hardware);
    CHECK(hardware_text(*facts.hardware) == "lmstress CPU, 64 GiB RAM, lmstress GPU (24 GiB)");
}
