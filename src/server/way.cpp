#include "server/way.hpp"

#include "server/model_list.hpp"

namespace lmstress::server {

namespace asio = boost::asio;

asio::awaitable<http_answer> get(way to, std::string path) {
    const std::string head = head_of("GET", to.at, to.target, path);
    const std::string no_body;
    co_return co_await http_call(to.time, to.transport, head, no_body, patience);
}

asio::awaitable<http_answer> post(way to, std::string path, std::string body, nanoseconds wait) {
    const std::string head = head_of("POST", to.at, to.target, path);
    co_return co_await http_call(to.time, to.transport, head, body, wait);
}

}  // namespace lmstress::server
