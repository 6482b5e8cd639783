#include "server/routes.hpp"

#include "api/failure_text.hpp"
#include "server/answer_error.hpp"

namespace lmstress::server {

namespace asio = boost::asio;

route route_by(const http_answer& answer) {
    if (!answer.complete || refuses(answer)) return route::unsure;
    const int status = answer.head.status;
    const std::string said = complaint_in(answer);
    if (said.starts_with("Unexpected endpoint or method")) return route::missing;
    if (status == 404 &&
        api::classify_failure(status, answer.body) == failure_kind::model_not_found) {
        return route::there;
    }
    if (status == 404 || status == 405 || status == 501) return route::missing;
    return status == 400 || status == 422 || status == 500 ? route::there : route::unsure;
}

asio::awaitable<http_answer> ask_route(way to, std::string path) {
    std::string empty = "{}";
    co_return co_await post(to, std::move(path), std::move(empty), patience);
}

asio::awaitable<std::vector<const api::api*>> missing_apis(way to,
                                                           std::vector<const api::api*> wanted) {
    std::vector<const api::api*> missing;
    for (const api::api* api : wanted) {
        // A WebSocket is asked for in other words: its first request shows whether it is there.
        if (api->body == api::framing::web_socket) continue;
        std::string path{api->path};
        const http_answer answer = co_await ask_route(to, std::move(path));
        if (route_by(answer) == route::missing) missing.push_back(api);
    }
    co_return missing;
}

}  // namespace lmstress::server
