#include "workload/integration.hpp"

#include "workload/scenario_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

using namespace lmstress;

namespace {

bool good(const char* json) {
    return workload::is_integration(boost::json::parse(json));
}

}  // namespace

TEST_CASE("integrations: what LM Studio documents, and nothing else") {
    CHECK(good(R"("mcp/playwright")"));
    CHECK(good(R"({"type":"plugin","id":"mcp/playwright"})"));
    CHECK(good(R"({"type":"plugin","id":"mcp/playwright","allowed_tools":["open"]})"));
    CHECK(good(R"({"type":"ephemeral_mcp","server_label":"l","server_url":"http://h/mcp"})"));
    CHECK(good(R"({"type":"ephemeral_mcp","server_label":"l","server_url":"http://h/mcp",)"
               R"("allowed_tools":["a","b"],"headers":{"Authorization":"Bearer x"}})"));
    CHECK_FALSE(good(R"("")"));
    CHECK_FALSE(good("7"));
    CHECK_FALSE(good("{}"));
    CHECK_FALSE(good(R"({"type":"plugin"})"));
    CHECK_FALSE(good(R"({"type":"plugin","id":"a","server_url":"http://h"})"));
    CHECK_FALSE(good(R"({"type":"ephemeral_mcp","server_label":"l"})"));
    CHECK_FALSE(good(R"({"type":"ephemeral_mcp","server_label":"l","server_url":"u","x":1})"));
    CHECK_FALSE(good(
        R"({"type":"ephemeral_mcp","server_label":"l","server_url":"u","allowed_tools":[1]})"));
    CHECK_FALSE(
        good(R"({"type":"ephemeral_mcp","server_label":"l","server_url":"u","headers":["a"]})"));
}

TEST_CASE("integrations: one or a list of them, whose headers are nowhere shown") {
    scenario s;
    const workload::assignment one[] = {
        {"/workload/integrations", "mcp/playwright", "--integrations"}};
    REQUIRE(workload::assign(one, s).has_value());
    CHECK(s.workload.integrations == std::vector<std::string>{R"("mcp/playwright")"});
    const workload::assignment list[] = {
        {"/workload/integrations",
         R"(["a",{"type":"ephemeral_mcp","server_label":"l","server_url":"u",)"
         R"("headers":{"Authorization":"Bearer very-secret"}}])",
         "--integrations"}};
    REQUIRE(workload::assign(list, s).has_value());
    REQUIRE(s.workload.integrations.size() == 2);
    const std::string stored = workload::to_json(s);
    CHECK(stored.find("server_label") != std::string::npos);
    CHECK(stored.find("very-secret") == std::string::npos);
    CHECK(workload::secrets_of(s).hidden_in("it said very-secret").find("very-secret") ==
          std::string::npos);
    const workload::assignment bad[] = {
        {"/workload/integrations", R"({"headers":{"a":"very-secret"}})", "--integrations"}};
    const auto refused = workload::assign(bad, s);
    REQUIRE(refused.has_error());
    CHECK(refused.error().message.find("very-secret") == std::string::npos);
}
