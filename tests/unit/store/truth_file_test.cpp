#include "store/truth_file.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;

TEST_CASE("truth log: its requests, and the events that bear a token, on each API") {
    const std::string log =
        R"({"request_id":"0-a","type":"request","kernel_ns":100,"read_ns":120})"
        "\n"
        R"({"request_id":"0-a","event":0,"type":"chat.start","due_ns":1,"sent_ns":130})"
        "\n"
        R"({"request_id":"0-a","event":1,"type":"message.delta","due_ns":1,"sent_ns":150})"
        "\n"
        R"({"request_id":"1-a","event":1,"type":"token","due_ns":1,"sent_ns":151})"
        "\n"
        R"({"request_id":"3@sdk","event":1,"type":"fragment","due_ns":1,"sent_ns":152})"
        "\n"
        R"({"request_id":"0-a","event":2,"type":"message.delta","due_ns":1,"sent_ns":170})"
        "\n"
        R"({"request_id":"0-a","type":"answer","text":"x"})"
        "\n";
    const auto truth = store::truth_of_log(log);
    REQUIRE(truth.has_value());
    CHECK(truth->at("0-a").kernel_ns == 100);
    CHECK(truth->at("0-a").tokens == std::vector<std::int64_t>{150, 170});
    CHECK(truth->at("1-a").tokens == std::vector<std::int64_t>{151});
    CHECK(truth->at("3@sdk").tokens == std::vector<std::int64_t>{152});
    // The server was killed while it wrote.
    CHECK(store::truth_of_log(log.substr(0, log.size() - 5)).has_value());
    const auto spoiled = store::truth_of_log(log + "spoiled\n");
    REQUIRE(spoiled.has_error());
    CHECK(spoiled.error().message.find("line 8") != std::string::npos);
}
