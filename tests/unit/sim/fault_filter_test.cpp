// What a fault makes of the frames of an answer: frames in, writes out.

#include "sim/fault_filter.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace lmstress::sim;

namespace {

const std::string start = "event: chat.start\ndata: {\"type\":\"chat.start\"}\n\n";
const std::string end = "event: chat.end\ndata: {\"type\":\"chat.end\"}\n\n";
const std::string error = "event: error\ndata: {\"type\":\"error\"}\n\n";

std::string token(int n) {
    return "event: message.delta\ndata: {\"type\":\"message.delta\",\"content\":\"" +
           std::to_string(n) + "\"}\n\n";
}

/// Keeps each write, and of each event the number of the write that carries it.
struct kept_output final : output {
    void write(std::string_view bytes) override { writes.emplace_back(bytes); }
    void on_event(const truth&) override { carried_by.push_back(writes.size()); }
    void hang_up() override {}
    void reset() override {}
    void on_request(std::string_view) override {}
    void on_answered() override {}

    [[nodiscard]] std::string all() const {
        std::string out;
        for (const std::string& w : writes) out += w;
        return out;
    }

    std::vector<std::string> writes;
    std::vector<std::size_t> carried_by;
};

/// An answer of four tokens, whose half is two, under a fault.
kept_output answer_under(fault kind, std::optional<std::uint64_t> struck = {}) {
    kept_output out;
    fault_filter filter{out, {.kind = kind, .half_way = 2, .event = struck}};
    std::uint64_t number = 0;
    const auto event = [&](const char* type, const std::string& frame) {
        filter.send_event(frame, {.request_id = "7-x", .event = number++, .type = type});
    };
    filter.send("head");
    event("chat.start", start);
    for (int n = 1; n <= 4; ++n) event("message.delta", token(n));
    event("chat.end", end);
    if (!filter.silent()) filter.send("last");
    return out;
}

std::string chunks(const std::vector<std::string>& frames) {
    std::string out;
    for (const std::string& frame : frames) out += chunk(frame);
    return out;
}

}  // namespace

TEST_CASE("fault filter: of kinds that are none of its own it lets everything through") {
    const std::string all =
        "head" + chunks({start, token(1), token(2), token(3), token(4), end}) + "last";
    for (const fault kind : {fault::wrong_model, fault::slow_headers, fault::error_mid}) {
        const kept_output out = answer_under(kind);
        CHECK(out.all() == all);
        CHECK(out.writes.size() == 8);
        CHECK(out.carried_by == std::vector<std::size_t>{1, 2, 3, 4, 5, 6});
    }
    CHECK(answer_under(fault::coalesce).all() == all);
    CHECK(answer_under(fault::byte_by_byte).all() == all);
}

TEST_CASE("fault filter: bytes one by one, and events by fours") {
    const kept_output apart = answer_under(fault::byte_by_byte);
    for (const std::string& w : apart.writes) CHECK(w.size() == 1);
    // An event is there with its last byte.
    CHECK(apart.carried_by.front() == 4 + chunk(start).size() - 1);
    const kept_output together = answer_under(fault::coalesce);
    CHECK(together.writes == std::vector<std::string>{"head",
                                                      chunks({start, token(1), token(2), token(3)}),
                                                      chunks({token(4), end}), "last"});
    CHECK(together.carried_by == std::vector<std::size_t>{1, 1, 1, 1, 2, 2});
}

TEST_CASE("fault filter: silence after half of the tokens, and a stream without its end") {
    CHECK(answer_under(fault::stall).all() == "head" + chunks({start, token(1), token(2)}));
    CHECK(answer_under(fault::truncate).all() ==
          "head" + chunks({start, token(1), token(2), token(3), token(4)}) + "last");
}

TEST_CASE("fault filter: a frame is spoiled once, and is no event any more") {
    const std::string broken =
        "event: message.delta\ndata: {\"type\":\"message.delta\",\"content\":\"3";
    const kept_output malformed = answer_under(fault::malformed_frame);
    CHECK(malformed.all() ==
          "head" + chunks({start, token(1), token(2), broken + "\n\n", token(4), end}) + "last");
    CHECK(malformed.carried_by == std::vector<std::size_t>{1, 2, 3, 5, 6});

    const std::string third = token(3);
    const std::string both =
        third.substr(0, third.size() / 2) + token(4) + third.substr(third.size() / 2);
    const kept_output spliced = answer_under(fault::spliced_frame);
    CHECK(spliced.all() == "head" + chunks({start, token(1), token(2), both, end}) + "last");
    CHECK(spliced.carried_by == std::vector<std::size_t>{1, 2, 3, 5});
}

TEST_CASE("fault filter: one event is left out, doubled or late, in the middle or as named") {
    const std::vector<std::string> all = {start, token(1), token(2), token(3), token(4), end};
    for (std::size_t place = 0; place < all.size(); ++place) {
        CAPTURE(place);
        std::vector<std::string> dropped = all;
        dropped.erase(dropped.begin() + static_cast<std::ptrdiff_t>(place));
        CHECK(answer_under(fault::drop_event, place).all() == "head" + chunks(dropped) + "last");
        std::vector<std::string> doubled = all;
        doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(place), all[place]);
        CHECK(answer_under(fault::double_event, place).all() == "head" + chunks(doubled) + "last");
        std::vector<std::string> swapped = all;
        if (place + 1 < all.size()) std::swap(swapped[place], swapped[place + 1]);
        CHECK(answer_under(fault::swap_events, place).all() == "head" + chunks(swapped) + "last");
    }
    // Half of the tokens, and the event for the beginning: the fourth of all.
    CHECK(answer_under(fault::drop_event).all() == answer_under(fault::drop_event, 3).all());
    CHECK(answer_under(fault::double_event).all() == answer_under(fault::double_event, 3).all());
    CHECK(answer_under(fault::swap_events).all() == answer_under(fault::swap_events, 3).all());
    // There is no such event.
    CHECK(answer_under(fault::drop_event, 6).all() == "head" + chunks(all) + "last");
}

TEST_CASE("fault filter: an oversized event is good JSON, and the only one") {
    const kept_output out = answer_under(fault::oversized_event);
    REQUIRE(out.writes.size() == 8);
    const std::string& big = out.writes[4];
    CHECK(big.size() > 1U << 20U);
    const std::size_t data = big.find('{');
    const auto json = boost::json::parse(big.substr(data, big.rfind('}') - data + 1));
    CHECK(json.at("content").as_string() == "3");
    CHECK(out.writes[3] == chunk(token(2)));
    CHECK(out.writes[5] == chunk(token(4)));
}

TEST_CASE("fault filter: nothing comes before an error that is to be the first") {
    kept_output out;
    fault_filter filter{out, {.kind = fault::error_first, .half_way = 2}};
    filter.send("head");
    filter.send_event(start, {.request_id = "7-x", .type = "chat.start"});
    filter.send_event(error, {.request_id = "7-x", .type = "error"});
    filter.send_event(end, {.request_id = "7-x", .type = "chat.end"});
    CHECK(out.all() == "head" + chunks({error, end}));
    CHECK_FALSE(filter.silent());
}

TEST_CASE("fault filter: the end of prefill comes twice, and events without content are bare") {
    const auto event = [](const std::string& type) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\"}\n\n";
    };
    const std::vector<std::string> types = {"prompt_processing.start", "prompt_processing.end",
                                            "message.start", "message.delta", "message.end"};
    const auto under = [&](fault kind) {
        kept_output out;
        fault_filter filter{out, {.kind = kind, .half_way = 2}};
        for (const std::string& type : types) {
            filter.send_event(event(type), {.request_id = "7-x", .type = type});
        }
        return out.writes;
    };
    std::vector<std::string> all;
    for (const std::string& type : types) all.push_back(chunk(event(type)));
    std::vector<std::string> twice = all;
    twice.insert(twice.begin() + 1, all[1]);
    CHECK(under(fault::double_prefill_end) == twice);
    std::vector<std::string> bare = all;
    for (const std::size_t place : {1U, 2U, 4U}) {
        bare[place] = chunk("event: " + types[place] + "\ndata: {}\n\n");
    }
    CHECK(under(fault::bare_events) == bare);
}
