#include "store/record_json.hpp"

#include "support/records.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

using namespace std::chrono_literals;
using namespace lmstress;
using namespace std::string_literals;
using store::record_of_line;
using store::to_line;

namespace {

std::string replaced(std::string line, std::string_view what, std::string_view with) {
    const std::size_t at = line.find(what);
    REQUIRE(at != std::string::npos);
    return line.replace(at, what.size(), with);
}

request_record read(const std::string& line) {
    const auto record = record_of_line(line);
    REQUIRE(record.has_value());
    return *record;
}

}  // namespace

TEST_CASE("record_json: any record comes back as it was, field by field") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const request_record r = test::random_record(seed);
        const std::string line = to_line(r);
        CAPTURE(line);
        const auto back = record_of_line(line);
        REQUIRE(back.has_value());
        REQUIRE(to_line(*back) == line);
        REQUIRE(*back == r);
    }
}

TEST_CASE("record_json: records that differ are written differently") {
    // Else a field that is neither written nor read would go unnoticed above.
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        REQUIRE(to_line(test::random_record(seed)) != to_line(test::random_record(seed + 1)));
    }
}

TEST_CASE("record_json: a record is one line of JSON, whatever it quotes") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const std::string line = to_line(test::random_record(seed));
        REQUIRE(line.find('\n') == line.size() - 1);
        boost::json::error_code ec;
        REQUIRE(boost::json::parse(line, ec).is_object());
    }
}

TEST_CASE("record_json: an ordinary line, spelled out") {
    request_record r = test::completed_record(1ms, {5ms, 7ms});
    r.request_id = "0-abc";
    r.finish_reason = "stop";
    r.server_ttft_ms = 4.25;
    CHECK(to_line(r) ==
          R"({"request_id":"0-abc","index":0,"level":0,"phase":"measured","worker":0,)"
          R"("outcome":"completed","error":null,"intended_ns":1000000,"connect_start_ns":null,)"
          R"("connect_end_ns":null,"send_start_ns":1000000,"send_end_ns":1000000,)"
          R"("headers_ns":5000000,"first_event_ns":5000000,"load_start_ns":null,)"
          R"("load_end_ns":null,"prefill_start_ns":null,"prefill_end_ns":null,)"
          R"("first_token_ns":5000000,"first_answer_ns":5000000,"last_token_ns":7000000,)"
          R"("end_ns":7000000,"input_tokens":null,"cached_tokens":null,"output_tokens":2,)"
          R"("reasoning_tokens":null,"tokens_from":"events","events":2,"window_events":2,)"
          R"("coalesced_events":0,"unknown_events":0,"kernel_stamps":0,"user_stamps":0,)"
          R"("gaps":{"count":1,"sum_ns":2000000,"min_ns":2000000,"max_ns":2000000,"overflow":0,)"
          R"("cells":[2000,1]},"finish_reason":"stop","answered_by":null,"model_mismatch":false,)"
          R"("connection":"new","retries":0,"server":{"ttft_ms":4.25,"tokens_per_second":null,)"
          R"("load_ms":null}})"
          "\n");
}

TEST_CASE("record_json: errors of every kind and phase come back") {
    for (std::size_t i = 0; i < failure_kind_count; ++i) {
        request_record r;
        r.error = request_error{.kind = static_cast<failure_kind>(i), .message = "m"};
        REQUIRE(read(to_line(r)) == r);
    }
    for (std::size_t i = 0; i < phase_count; ++i) {
        request_record r;
        r.error = request_error{.timed_out_in = static_cast<phase>(i), .http_status = 200};
        REQUIRE(read(to_line(r)) == r);
    }
}

TEST_CASE("record_json: a NUL in a server's words comes back") {
    request_record r;
    r.error = request_error{.kind = failure_kind::server_error, .message = "a\0b"s};
    r.answered_by = "m\0n"s;
    CHECK(read(to_line(r)) == r);
}

TEST_CASE("record_json: bytes that are no UTF-8 are replaced, and stay what they then are") {
    request_record r;
    r.finish_reason = "a\xFFz";
    const request_record back = read(to_line(r));
    CHECK(back.finish_reason == "a\xEF\xBF\xBDz");
    CHECK(to_line(back) == to_line(r));
}

TEST_CASE("record_json: gaps that overflowed come back") {
    request_record r;
    r.gaps.record(9h, 3);
    r.gaps.record(1ms);
    CHECK(read(to_line(r)) == r);
    CHECK(read(to_line(r)).gaps.exact().overflow == 3);
}

TEST_CASE("record_json: no beginning of a line is a record") {
    const std::string line = to_line(test::random_record(5));
    for (std::size_t n = 0; n + 2 < line.size(); ++n) {
        CAPTURE(n);
        REQUIRE(record_of_line(std::string_view{line}.substr(0, n)).has_error());
    }
    CHECK(record_of_line(std::string_view{line}.substr(0, line.size() - 1)).has_value());
}

TEST_CASE("record_json: what is no record is an error of the file") {
    const std::string line = to_line(test::completed_record(1ms, {5ms, 7ms}));
    for (const std::string& bad :
         {""s,
          "\n"s,
          "null"s,
          "[]"s,
          "{}"s,
          "7"s,
          line + line,
          "x" + line,
          replaced(line, "\"index\":0", "\"index\":-1"),
          replaced(line, "\"index\":0", "\"index\":1.5"),
          replaced(line, "\"level\":0", "\"level\":4294967296"),
          replaced(line, "\"level\":0,", ""),
          replaced(line, "\"events\":2", "\"events\":\"2\""),
          replaced(line, "\"gaps\":{", "\"gaps\":7,\"x\":{"),
          replaced(line, "\"cells\":[2000,1]", "\"cells\":[99999,1]"),
          replaced(line, "\"cells\":[2000,1]", "\"cells\":[2000,1,1999,1]"),
          replaced(line, "\"cells\":[2000,1]", "\"cells\":[2000,1,2000,1]"),
          replaced(line, "\"cells\":[2000,1]", "\"cells\":[-1,1]"),
          replaced(line, "\"outcome\":\"completed\"", "\"outcome\":\"exploded\""),
          replaced(line, "\"phase\":\"measured\"", "\"phase\":\"later\""),
          replaced(line, "\"tokens_from\":\"events\"", "\"tokens_from\":\"stars\""),
          replaced(line, "\"model_mismatch\":false", "\"model_mismatch\":0"),
          replaced(line, "\"server\":{", "\"other\":{")}) {
        CAPTURE(bad);
        const auto record = record_of_line(bad);
        CHECK(record.has_error());
        if (record.has_error()) CHECK(record.error().code == errc::bad_file);
    }
}

TEST_CASE("record_json: keys that a later version adds are passed over") {
    const request_record r = test::random_record(8);
    CHECK(read(replaced(to_line(r), "{\"request_id\"", "{\"new\":[{}],\"request_id\"")) == r);
}
