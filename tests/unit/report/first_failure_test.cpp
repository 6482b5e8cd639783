#include "report/first_failure.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

request_record failed_record() {
    request_record r;
    r.request_id = "0-abc";
    r.ended = outcome::failed;
    r.error = request_error{
        .kind = failure_kind::unauthorized, .http_status = 401, .message = "no sk-SECRET"};
    r.moments.set(moment::send_start, 1ms);
    r.moments.set(moment::end, 13500us);
    return r;
}

}  // namespace

TEST_CASE("first_failure: what was sent and what came, with every secret hidden") {
    wire::secrets secrets;
    secrets.add("sk-SECRET");
    const std::array fields = {std::string{"authorization"}, std::string{"X"}};
    const std::string text = report::first_failure(
        failed_record(),
        {.request_head = "POST / HTTP/1.1\r\nAuthorization: Bearer sk-SECRET\r\nX: blue\r\n\r\n",
         .request_body = "{\"prompt\":\"blue\"}",
         .answer = "HTTP/1.1 401 No\r\nA: b\r\n\r\n{\"error\":\"sk-SECRET\x1b[2J is wrong\"}"},
        secrets, fields);
    CHECK(text ==
          "The first request that failed\n\n"
          "0-abc failed: unauthorized, HTTP 401, 12.5 ms after its send\nno ***\n\n"
          "--- sent ---\nPOST / HTTP/1.1\nAuthorization: ***\nX: ***\n\n"
          "{\"prompt\":\"blue\"}\n\n"
          "--- received ---\nHTTP/1.1 401 No\nA: b\n\n{\"error\":\"*** [2J is wrong\"}\n");
}

TEST_CASE("first_failure: 4 KB of a body, and that there was more") {
    const std::string text = report::first_failure(
        failed_record(), {"", std::string(5000, 'x'), std::string(9000, 'y')}, {}, {});
    CHECK(text.find(std::string(4096, 'x') + "\n[there was more]\n") != std::string::npos);
    CHECK(text.find(std::string(4097, 'y')) == std::string::npos);
}

TEST_CASE("first_failure: nothing came") {
    CHECK(report::first_failure(failed_record(), {"h\r\n\r\n", "b", ""}, {}, {})
              .ends_with("--- received ---\nnothing\n"));
}
