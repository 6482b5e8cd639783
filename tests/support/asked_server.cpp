#include "support/asked_server.hpp"

#include <boost/json/parse.hpp>

#include <stdexcept>

namespace test {

using namespace lmstress;

boost::json::value kept_reply::body() const {
    return boost::json::parse(text.substr(text.find("\r\n\r\n") + 4));
}

std::string kept_reply::error(const char* field) const {
    return body().at("error").at(field).as_string().c_str();
}

instant at(nanoseconds t) {
    return instant{} + t;
}

sim::server make_server(sim::server_settings s) {
    return sim::server{std::move(s), instant{}};
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
    s.handle(request, to, at(now));
    run_until_idle(s);
    if (!to.ended) throw std::runtime_error("no end of the answer to " + request.path);
    return to;
}

}  // namespace test
