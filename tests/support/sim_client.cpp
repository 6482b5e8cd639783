#include "support/sim_client.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

namespace test {

using namespace lmstress;

boost::json::value kept_reply::body() const {
    return boost::json::parse(content());
}

std::string kept_reply::error(const char* field) const {
    return body().at("error").at(field).as_string().c_str();
}

sim::http_request post(std::string path, std::string body) {
    return {.method = "POST",
            .path = std::move(path),
            .authorization = {},
            .request_id = "7-x",
            .body = std::move(body)};
}

void run_until_idle(sim::server& s) {
    while (const auto due = s.next_due()) s.advance(*due);
}

kept_reply ask(sim::server& s, const sim::http_request& request, nanoseconds now) {
    kept_reply to;
    s.handle(request, to, instant{} + now);
    run_until_idle(s);
    CHECK(to.ended);
    return to;
}

sim::server make_server(sim::server_settings s) {
    return sim::server{std::move(s), instant{}};
}

}  // namespace test
