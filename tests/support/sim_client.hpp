#pragma once

#include "sim/server.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace test {

/// Keeps an answer of the built-in server as it was sent.
class kept_reply final : public lmstress::sim::reply {
  public:
    void suffer(lmstress::sim::fault, std::uint64_t) override {}
    void send(std::string_view bytes) override { text += bytes; }
    void open_stream(std::string_view content_type) override {
        text += lmstress::sim::stream_head(content_type);
    }
    void send_event(std::string_view frame, const lmstress::sim::truth&) override { text += frame; }
    void end() override { ended = true; }
    void reset() override { broken = true; }

    [[nodiscard]] int status() const { return std::stoi(text.substr(9, 3)); }
    /// What follows the head.
    [[nodiscard]] std::string content() const { return text.substr(text.find("\r\n\r\n") + 4); }
    [[nodiscard]] boost::json::value body() const;
    [[nodiscard]] std::string error(const char* field) const;

    std::string text;
    bool ended = false;
    bool broken = false;
};

lmstress::sim::http_request post(std::string path, std::string body);
void run_until_idle(lmstress::sim::server& s);
/// The answer to a request, which must come to its end.
kept_reply ask(lmstress::sim::server& s, const lmstress::sim::http_request& request,
               lmstress::nanoseconds now = {});
lmstress::sim::server make_server(lmstress::sim::server_settings s = {});

}  // namespace test
