// Load configs of LM Studio's SDK, read and changed; and a socket that is none, in virtual time.

#include "server/sdk_settings.hpp"

#include "net/virtual_clock.hpp"
#include "server/sdk_socket.hpp"
#include "support/scripted_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;
using namespace lmstress::server;
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

const json::value config = json::parse(R"({"fields":[
    {"key":"llm.load.contextLength","value":4096},
    {"key":"llm.load.numParallelSessions","value":4},
    {"key":"llm.load.useUnifiedKvCache","value":true},
    {"key":"llm.load.llama.flashAttention","value":true}]})");

/// Of a server that runs already.
server_wishes wishes(std::optional<std::uint64_t> parallel, bool unified_kv) {
    server_wishes w;
    w.parallel = parallel;
    w.unified_kv = unified_kv;
    return w;
}

}  // namespace

TEST_CASE("sdk settings: what a load config says, and nothing that it does not") {
    const load_config c = read_load_config(config);
    CHECK(c.parallel == 4U);
    CHECK(c.unified_kv == true);
    CHECK(c.context_length == 4096U);
    for (const char* other :
         {"null", "[]", "{}", R"({"fields":{}})", R"({"fields":[1,{},{"key":"x"}]})",
          R"({"fields":[{"key":"llm.load.useUnifiedKvCache","value":"on"}]})",
          R"({"fields":[{"key":"llm.load.useUnifiedKvCache"}]})"}) {
        CAPTURE(other);
        const load_config nothing = read_load_config(json::parse(other));
        CHECK(!nothing.parallel);
        CHECK(!nothing.unified_kv);
        CHECK(!nothing.context_length);
    }
}

TEST_CASE("sdk settings: a list goes before a load config, and both before nothing") {
    server_settings s;
    s.context_length = {.requested = {}, .confirmed = 8192, .source = "a list"};
    take_over(read_load_config(config), s);
    CHECK(s.unified_kv.confirmed == true);
    CHECK(s.unified_kv.source == "SDK getLoadConfig");
    CHECK(s.parallel.confirmed == 4U);
    CHECK(s.parallel.source == "SDK getLoadConfig");
    CHECK(s.context_length.confirmed == 8192U);
    CHECK(s.context_length.source == "a list");
    server_settings nothing;
    take_over({}, nothing);
    CHECK(!nothing.unified_kv.confirmed);
    CHECK(nothing.unified_kv.source.empty());
}

TEST_CASE("sdk settings: only what is wished for has to be in force") {
    const load_config c = read_load_config(config);
    CHECK(in_force(c, {}));
    CHECK(in_force(c, wishes(4, true)));
    CHECK(!in_force(c, wishes(8, true)));
    CHECK(!in_force(c, wishes(4, false)));
    CHECK(!in_force({}, wishes({}, true)));
}

TEST_CASE("sdk settings: a model is loaded as it was, but for the wishes") {
    CHECK(load_parameter("m", "mine", read_load_config(config), wishes(8, false)) == json::parse(R"(
        {"modelKey":"m","identifier":"mine","loadConfigStack":{"layers":[
            {"layerName":"apiOverride","config":{"fields":[
                {"key":"llm.load.contextLength","value":4096},
                {"key":"llm.load.numParallelSessions","value":8},
                {"key":"llm.load.useUnifiedKvCache","value":false},
                {"key":"llm.load.llama.flashAttention","value":true}]}}]}})"));
    CHECK(load_parameter("m", "", {}, wishes({}, true)) == json::parse(R"(
        {"modelKey":"m","loadConfigStack":{"layers":[{"layerName":"apiOverride","config":{"fields":[
            {"key":"llm.load.useUnifiedKvCache","value":true}]}}]}})"));
}

namespace {

struct opening {
    std::optional<errc> failed;
    nanoseconds took{0};
    std::string request;
};

/// Opens the SDK's socket to a server that follows a script.
opening open_to(test::scripted_connection script) {
    asio::io_context context;
    net::virtual_clock time{context};
    test::scripted_transport transport{time, {std::move(script)}};
    net::endpoint at;
    at.host_header = "here:1234";
    at.prefix = "/behind";
    target_settings target;
    target.headers = {{"X-Proxy", "yes"}};
    sdk_socket socket{time, transport, at, target};
    opening o;
    const instant begin = time.now();
    asio::co_spawn(context, socket.open("llm", 2s),
                   [&](const std::exception_ptr&, const result<void>& r) {
                       if (!r) o.failed = r.error().code;
                       o.took = time.now() - begin;
                   });
    time.run();
    if (!transport.requests.empty()) o.request = transport.requests.front();
    return o;
}

}  // namespace

TEST_CASE("sdk socket: a server that answers in HTTP does not speak it, and costs an answer") {
    const auto o =
        open_to({.answers = {{{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"}}}});
    CHECK(o.failed == errc::not_understood);
    CHECK(o.took == 0s);
    CHECK(o.request.starts_with("GET /behind/llm HTTP/1.1\r\n"));
    CHECK(o.request.find("Upgrade: websocket\r\n") != std::string::npos);
    CHECK(o.request.find("X-Proxy: yes\r\n") != std::string::npos);
}

TEST_CASE("sdk socket: silence ends at the deadline, a broken or refused connection at once") {
    const auto silent = open_to({.answers = {{{.what = test::step::kind::silence}}}});
    CHECK(silent.failed == errc::unreachable);
    CHECK(silent.took == 2s);
    for (const auto how : {test::step::kind::reset, test::step::kind::close}) {
        const auto broken = open_to({.answers = {{{.what = how}}}});
        CHECK(broken.failed.has_value());
        CHECK(broken.took == 0s);
    }
    const auto refused = open_to({.answers = {}, .refuses = failure_kind::connect});
    CHECK(refused.failed == errc::unreachable);
}
