// Orders about models, against scripts of what a server says, in virtual time.

#include "server/model_control.hpp"

#include "net/virtual_clock.hpp"
#include "support/scripted_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace lmstress;
using namespace lmstress::server;

namespace {

std::string whole(int status, const std::string& body) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string idle =
    whole(200, R"({"models":[{"type":"llm","key":"m","loaded_instances":[]}]})");
const std::string loaded = whole(200, R"({"type":"llm","instance_id":"m","status":"loaded"})");

std::string listed(const std::string& config) {
    return whole(200,
                 R"({"models":[{"type":"llm","key":"m","loaded_instances":[{"id":"m","config":)" +
                     config + "}]}]}");
}

/// A server that gives these answers, each on a connection of its own.
class scripted {
  public:
    explicit scripted(const std::vector<std::string>& answers)
        : transport(time_, connections(answers)) {}

    result<loaded_model> load(const char* settings) {
        std::optional<result<loaded_model>> out;
        boost::asio::co_spawn(context_,
                              load_model({time_, transport, at_, target_}, "m",
                                         boost::json::parse(settings).as_object()),
                              [&](const std::exception_ptr& failed, result<loaded_model> got) {
                                  if (!failed) out = std::move(got);
                              });
        time_.run();
        REQUIRE(out.has_value());
        return *std::move(out);
    }

  private:
    static std::vector<test::scripted_connection> connections(
        const std::vector<std::string>& answers) {
        std::vector<test::scripted_connection> out;
        for (const std::string& bytes : answers) {
            test::step said;
            said.bytes = bytes;
            out.push_back({.answers = {{said}}});
        }
        return out;
    }

    boost::asio::io_context context_{1};
    net::virtual_clock time_{context_};
    target_settings target_;
    net::endpoint at_{.host = "h", .port = "1", .host_header = "h:1", .prefix = {}};

  public:
    test::scripted_transport transport;
};

}  // namespace

TEST_CASE("model control: a load asks for its settings and for their echo, and reads them back") {
    scripted server{{idle, loaded, listed(R"({"parallel":8,"context_length":4096})")}};
    const auto done = server.load(R"({"parallel":8})");
    REQUIRE(done.has_value());
    CHECK(done->instance == "m");
    CHECK(done->config.size() == 2);
    REQUIRE(server.transport.requests.size() == 3);
    CHECK(server.transport.requests[1].starts_with("POST /api/v1/models/load "));
    CHECK(server.transport.requests[1].ends_with(
        R"({"model":"m","parallel":8,"echo_load_config":true})"));
}

TEST_CASE("model control: an echo is not believed, the list is") {
    const std::string echo =
        whole(200, R"({"instance_id":"m","status":"loaded","load_config":{"parallel":8}})");
    scripted server{{idle, echo, listed(R"({"parallel":4})")}};
    const auto done = server.load(R"({"parallel":8})");
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().code == errc::not_in_force);
    CHECK(done.error().message == "m is loaded, but not as asked for: parallel is 4, not 8");
}

TEST_CASE("model control: a build that does not know a setting, and one that loses the model") {
    scripted strict{
        {idle, whole(400, R"({"error":{"type":"invalid_request",)"
                          R"("code":"unrecognized_keys",)"
                          R"("message":"Unrecognized key(s) in object: 'parallel'"}})")}};
    const auto refused = strict.load(R"({"parallel":8})");
    REQUIRE_FALSE(refused.has_value());
    // Nothing is in memory then, so there is nothing that could be measured.
    CHECK(refused.error().code == errc::refused);
    CHECK(refused.error().message.ends_with("Unrecognized key(s) in object: 'parallel'"));

    scripted forgetful{{idle, loaded, idle}};
    const auto lost = forgetful.load("{}");
    REQUIRE_FALSE(lost.has_value());
    CHECK(lost.error().code == errc::refused);

    scripted full{{idle, whole(500, R"({"error":{"message":"Out of memory"}})")}};
    const auto none = full.load("{}");
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().message == "the server does not load m: Out of memory");
    CHECK(exit_code_of(none.error().code) == 3);

    scripted html{{idle, whole(404, "<html>")}};
    CHECK(html.load("{}").error().code == errc::not_understood);
}
