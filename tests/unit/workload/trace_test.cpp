// Traces as they were published; the first lines of each are those of the files.

#include "workload/trace.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using workload::trace_entry;

namespace {

result<std::vector<trace_entry>> read(const std::vector<std::string>& lines,
                                      std::optional<std::uint64_t> limit = {}) {
    workload::trace_reader reader{"trace.csv", limit};
    for (const std::string& line : lines) {
        const auto more = reader.take(line);
        if (!more) return more.error();
        if (!*more) break;
    }
    return reader.finish();
}

std::string complaint(const std::vector<std::string>& lines) {
    const auto r = read(lines);
    REQUIRE_FALSE(r.has_value());
    return r.error().message;
}

const std::string azure_head = "TIMESTAMP,ContextTokens,GeneratedTokens";
const std::string burst_head =
    "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type";

}  // namespace

TEST_CASE("trace: Mooncake's JSONL, its times in milliseconds") {
    const auto r = read(
        {R"({"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1, 2]})",
         R"({"timestamp": 3000, "input_length": 915, "output_length": 355, "hash_ids": [0, 462]})",
         R"({"timestamp": 5999, "input_length": 1053, "output_length": 26, "hash_ids": [0]})"});
    REQUIRE(r.has_value());
    CHECK(*r == std::vector<trace_entry>{{0s, 6758, 500}, {3s, 915, 355}, {5999ms, 1053, 26}});
}

TEST_CASE("trace: BurstGPT's CSV, its times in seconds") {
    const auto r =
        read({burst_head, "5,ChatGPT,472,18,490,Conversation log",
              "45.5,ChatGPT,1087,230,1317,Conversation log", "118,GPT-4,417,0,417,API log"});
    REQUIRE(r.has_value());
    // An answer of no token was a failure; a request for none cannot be made.
    CHECK(*r == std::vector<trace_entry>{{0s, 472, 18}, {40500ms, 1087, 230}, {113s, 417, 1}});
}

TEST_CASE("trace: BurstGPT's later files have more columns") {
    const auto r = read(
        {"Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total "
         "tokens,Log Type",
         "19440110.0,1722ac82-0a46-4bf0-aa08-89794e7a2b3f,43,GPT-4,906,446,1352,Conversation log",
         "19440161.0,d5983bf9-4b48-497b-892b-a58995247443,2,ChatGPT,36,29,65,Conversation log"});
    REQUIRE(r.has_value());
    CHECK(*r == std::vector<trace_entry>{{0s, 906, 446}, {51s, 36, 29}});
}

TEST_CASE("trace: Azure's CSV of 2023 and of 2024, its times as dates") {
    const auto old = read(
        {azure_head, "2023-11-16 18:17:03.9799600,4808,10", "2023-11-16 18:17:04.0319600,3180,8"});
    REQUIRE(old.has_value());
    CHECK(*old == std::vector<trace_entry>{{0s, 4808, 10}, {52ms, 3180, 8}});

    const auto later = read({azure_head, "2024-05-11 23:59:59.500000+00:00,2162,5",
                             "2024-05-12 00:00:00+00:00,2399,6"});
    REQUIRE(later.has_value());
    CHECK(*later == std::vector<trace_entry>{{0s, 2162, 5}, {500ms, 2399, 6}});
}

TEST_CASE("trace: written elsewhere") {
    const auto r = read({"\xEF\xBB\xBF" + azure_head + "\r", "2023-11-16 18:17:04.5,3,8\r", "",
                         "2023-11-16 18:17:04,7,9\r", ""});
    REQUIRE(r.has_value());
    // In the order of their times, whatever the file's.
    CHECK(*r == std::vector<trace_entry>{{0s, 7, 9}, {500ms, 3, 8}});
}

TEST_CASE("trace: nothing behind the limit is read") {
    const auto r = read({burst_head, "5,a,1,2,3,b", "6,a,1,2,3,b", "not read"}, 2);
    REQUIRE(r.has_value());
    CHECK(r->size() == 2);
}

TEST_CASE("trace: a line that is none is named, with the file") {
    struct row {
        const char* why;
        std::string line;
    };
    const std::vector<row> rows = {
        {"no number", "2023-11-16 18:17:04.0319600,many,8"},
        {"a column too few", "2023-11-16 18:17:04.0319600,3180"},
        {"less than nothing", "2023-11-16 18:17:04.0319600,-1,8"},
        {"half a token", "2023-11-16 18:17:04.0319600,1.5,8"},
        {"more tokens than any model takes", "2023-11-16 18:17:04.0319600,99999999,8"},
        {"no date", "5,3180,8"},
        {"no such month", "2023-13-16 18:17:04.0319600,3180,8"},
        {"no such day", "2023-02-30 18:17:04.0319600,3180,8"},
        {"more nanoseconds than there are", "9999-12-31 23:59:59,3180,8"},
        {"before there were any", "0001-01-01 00:00:00,3180,8"},
        {"no such hour", "2023-11-16 24:17:04.0319600,3180,8"},
        {"ten digits of a second", "2023-11-16 18:17:04.0319600123,3180,8"},
        {"no digits of a second", "2023-11-16 18:17:04.,3180,8"},
        {"no sign in a number", "2023-11-16 18:17:+4,3180,8"},
    };
    for (const row& r : rows) {
        CAPTURE(r.why);
        const std::string said = complaint({azure_head, "2023-11-16 18:17:03,1,1", r.line});
        CHECK(said.find("trace.csv line 3 is no request of a trace: ") == 0);
    }
    CHECK(complaint({R"({"timestamp": 0, "input_length": 1})"})
              .find("trace.csv line 1 is no request of a trace: ") == 0);
    CHECK(complaint({R"({"timestamp": -5, "input_length": 1, "output_length": 1})"})
              .find("trace.csv line 1 is") == 0);
    CHECK(complaint({burst_head, "soon,ChatGPT,472,18,490,log"}).find("trace.csv line 2 is") == 0);
    // Long ones are cut.
    CHECK(complaint({burst_head, std::string(5000, 'x')}).size() < 200);
}

TEST_CASE("trace: a file that is no trace") {
    CHECK(complaint({"time,in,out", "1,2,3"}) ==
          "trace.csv line 1 begins no trace that lmstress can read");
    CHECK(complaint({}) == "trace.csv holds no request");
    CHECK(complaint({azure_head}) == "trace.csv holds no request");
}
