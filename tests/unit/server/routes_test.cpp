#include "server/routes.hpp"

#include <doctest/doctest.h>

using namespace lmstress;
using server::route;

namespace {

route answered(int status, std::string body) {
    server::http_answer a;
    a.begun = a.complete = true;
    a.head.status = status;
    a.body = std::move(body);
    return server::route_by(a);
}

}  // namespace

TEST_CASE("routes: an empty request is refused where the route is there") {
    CHECK(answered(400, R"({"error":"'messages' field is required"})") == route::there);
    CHECK(answered(422, R"({"detail":[]})") == route::there);
    CHECK(answered(500, R"({"error":{"message":"key 'messages' not found"}})") == route::there);
    // A model that is not named is the request's fault.
    CHECK(answered(404, R"({"error":{"type":"model_not_found","message":"no such model"}})") ==
          route::there);
    CHECK(answered(404, R"({"error":"model '' not found"})") == route::there);
}

TEST_CASE("routes: a path that the server does not know") {
    // LM Studio's two ways, llama.cpp's and a plain web server's.
    CHECK(answered(200, R"_({"error":"Unexpected endpoint or method. (POST /api/chat)"})_") ==
          route::missing);
    CHECK(answered(404, R"({"error":{"message":"File Not Found","type":"not_found_error",)"
                        R"("code":404}})") == route::missing);
    CHECK(answered(404, "404 page not found") == route::missing);
    CHECK(answered(405, "") == route::missing);
    CHECK(answered(501, "") == route::missing);
}

TEST_CASE("routes: what does not tell is taken for neither") {
    CHECK(answered(401, "") == route::unsure);
    CHECK(answered(503, R"({"error":{"message":"Loading model"}})") == route::unsure);
    CHECK(server::route_by({}) == route::unsure);
}
