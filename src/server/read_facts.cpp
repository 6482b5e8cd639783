#include "server/read_facts.hpp"

#include "api/json_frame.hpp"
#include "server/model_list.hpp"
#include "server/sdk_socket.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace lmstress::server {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr nanoseconds wait = std::chrono::seconds{2};
/// LM Studio asks its engines, each in a process of its own.
constexpr nanoseconds survey_wait = std::chrono::seconds{10};

std::optional<std::uint64_t> bytes_at(const json::object& o, std::string_view key) {
    const auto n = api::count_at(o, key);
    return n && *n > 0 ? n : std::nullopt;
}

const json::array& list_at(const json::object& o, std::string_view key) {
    static const json::array none;
    const json::value* v = o.if_contains(key);
    return v != nullptr && v->is_array() ? v->get_array() : none;
}

void take_gpus(const json::object& survey, server_hardware& into) {
    const json::object* gpus = api::object_at(survey, "gpuSurveyResult");
    if (gpus == nullptr) return;
    std::vector<server_gpu> found;
    for (const json::value& v : list_at(*gpus, "gpuInfo")) {
        const json::object* gpu = v.if_object();
        if (gpu == nullptr) continue;
        std::string platform{api::string_at(*gpu, "detectionPlatform")};
        if (platform == "unknown") platform.clear();
        found.push_back({std::string{api::string_at(*gpu, "name")},
                         api::count_at(*gpu, "totalMemoryCapacityBytes").value_or(0),
                         std::move(platform)});
    }
    // Each engine sees its own kind of devices: one for the CPU none.
    if (found.size() > into.gpus.size()) into.gpus = std::move(found);
}

void take_engine(const json::object& engine, server_facts& into) {
    std::string runtime{api::string_at(engine, "name")};
    const std::string_view version = api::string_at(engine, "version");
    if (!version.empty()) runtime += ' ' + std::string{version};
    if (!runtime.empty()) into.runtimes.push_back(std::move(runtime));
    const json::object* survey = api::object_at(engine, "hardwareSurvey");
    if (survey == nullptr) return;
    if (!into.hardware) into.hardware.emplace();
    server_hardware& machine = *into.hardware;
    take_gpus(*survey, machine);
    const json::object* cpu = api::object_at(*survey, "cpuSurveyResult");
    const json::object* info = cpu == nullptr ? nullptr : api::object_at(*cpu, "cpuInfo");
    if (info != nullptr && machine.cpu.empty()) {
        machine.cpu = api::string_at(*info, "name");
        if (machine.cpu.empty()) machine.cpu = api::string_at(*info, "architecture");
    }
    if (const json::object* memory = api::object_at(engine, "memoryInfo")) {
        if (!machine.ram_bytes) machine.ram_bytes = bytes_at(*memory, "ramCapacity");
        if (!machine.vram_bytes) machine.vram_bytes = bytes_at(*memory, "vramCapacity");
    }
}

/// LM Studio tells its version over the socket of its SDK alone.
asio::awaitable<bool> read_version(way to, server_facts& into) {
    sdk_socket sdk{to.time, to.transport, to.at, to.target};
    const auto opened = co_await sdk.open("system", wait);
    if (!opened) co_return false;
    const json::value nothing;
    const auto said = co_await sdk.call("version", nothing, wait);
    const json::object* o = said ? said->if_object() : nullptr;
    if (o == nullptr) co_return true;
    into.version = api::string_at(*o, "version");
    if (const auto build = api::count_at(*o, "build")) into.build = std::to_string(*build);
    co_return true;
}

/// Of the engines that are chosen to run models. LM Studio calls the endpoint experimental.
asio::awaitable<void> read_hardware(way to, server_facts& into) {
    sdk_socket sdk{to.time, to.transport, to.at, to.target};
    const auto opened = co_await sdk.open("runtime", wait);
    if (!opened) co_return;
    json::object scope;
    scope["type"] = "selected";
    const json::value parameter = scope;
    const auto survey = co_await sdk.call("surveyHardware", parameter, survey_wait);
    if (survey) take_survey(*survey, into);
}

}  // namespace

void take_survey(const json::value& survey, server_facts& into) {
    const json::object* o = survey.if_object();
    if (o == nullptr) return;
    for (const json::value& engine : list_at(*o, "engines")) {
        if (engine.is_object()) take_engine(engine.get_object(), into);
    }
}

asio::awaitable<server_facts> read_facts(way to) {
    server_facts facts;
    const http_answer greeting = co_await get(to, "/lmstudio-greeting");
    if (!greeting.complete) co_return facts;
    if (const auto o = object_of(greeting); o && o->contains("lmstudio")) {
        facts.software = "LM Studio";
        const bool has_socket = co_await read_version(to, facts);
        if (has_socket) co_await read_hardware(to, facts);
        co_return facts;
    }
    const http_answer props = co_await get(to, "/props");
    if (const auto o = object_of(props); o && o->contains("build_info")) {
        facts.software = "llama.cpp";
        facts.build = api::string_at(*o, "build_info");
        co_return facts;
    }
    const http_answer version = co_await get(to, "/api/version");
    if (const auto o = object_of(version); o && o->contains("version")) {
        facts.software = "Ollama";
        facts.version = api::string_at(*o, "version");
        co_return facts;
    }
    facts.software = greeting.head.server.substr(0, 60);
    co_return facts;
}

}  // namespace lmstress::server
