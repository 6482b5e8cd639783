// LM Studio's own SDK has the built-in server predict: what it makes of an answer is what the
// engine made.

#include "conformance/npm_talk.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using test::difference;
using test::talk;
namespace json = boost::json;

namespace {

const std::string client = "lmstudio-sdk-predict";

}  // namespace

TEST_CASE("LM Studio's SDK: text, reasoning, counts and stop reason are those of the engine") {
    struct way {
        const char* what;
        const char* finish_reason;
    };
    for (const way& w : {way{"respond", "length"}, way{"to_its_end", "stop"},
                         way{"thinking", "length"}, way{"document", "stop"}}) {
        CAPTURE(std::string{w.what});
        talk t;
        const auto found = t.with(client, w.what, 2);
        if (!found) return;
        const auto truth = t.truth_in_order();
        REQUIRE(truth.size() == 2);
        for (std::size_t i = 0; i < 2; ++i) {
            const json::object& seen = found->at(i).as_object();
            CAPTURE(json::serialize(seen));
            CHECK(difference(client, seen, &truth[i]) == "");
            CHECK(seen.at("finish_reason").as_string() == w.finish_reason);
        }
    }
}

TEST_CASE(
    "LM Studio's SDK: a tool is called with the engine's arguments, and its result sent back") {
    talk t;
    const auto found = t.with(client, "tool");
    if (!found) return;
    const auto truth = t.truth_in_order();
    REQUIRE(truth.size() == 2);
    const json::object& seen = found->at(0).as_object();
    CAPTURE(json::serialize(seen));
    CHECK(difference(client, seen, &truth[0]) == "");
    CHECK(seen.at("finish_reason").as_string() == "tool_calls");
    CHECK(seen.at("called").at("name").as_string() == "weather");
    CHECK(json::parse(seen.at("called").at("arguments").as_string()) ==
          json::parse(truth[0].at("arguments").as_string()));
    CHECK(difference(client, seen.at("then").as_object(), &truth[1]) == "");
    CHECK(truth[1].at("turn") == 2);
}

TEST_CASE("LM Studio's SDK: a message that is left out, doubled or late is noticed") {
    constexpr std::size_t events = 9;  // twice how far the prompt is, six fragments, the end
    for (const char* fault : {"drop-event", "double-event", "swap-events"}) {
        CAPTURE(std::string{fault});
        talk t{{"--fault", fault, "--fault-event", "each"}};
        const auto found = t.with(client, "respond", events + 1);
        if (!found) return;
        const auto truth = t.truth_in_order();
        REQUIRE(truth.size() == events + 1);
        for (std::size_t place = 0; place <= events; ++place) {
            CAPTURE(place);
            const json::object& seen = found->at(place).as_object();
            CAPTURE(json::serialize(seen));
            // What follows the end is not read, and it has none to change places with.
            const bool last = place + 1 == events && std::string_view{fault} != "drop-event";
            CHECK(difference(client, seen, &truth[place]).empty() == (place == events || last));
        }
    }
}
