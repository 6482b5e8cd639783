#pragma once

#include "sim/server.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

// The built-in server asked without sockets: a request, a time, and the answer as it was sent.

namespace test {

/// Keeps an answer as it was sent.
class kept_reply final : public lmstress::sim::reply {
  public:
    void suffer(const lmstress::sim::mishap&) override {}
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

/// A time since the beginning of the server.
lmstress::instant at(lmstress::nanoseconds t);
lmstress::sim::server make_server(lmstress::sim::server_settings s = {});
lmstress::sim::http_request post(std::string path, std::string body);
void run_until_idle(lmstress::sim::server& s);
/// The whole answer; a runtime_error where the server does not end it.
kept_reply ask(lmstress::sim::server& s, const lmstress::sim::http_request& request,
               lmstress::nanoseconds now = {});

}  // namespace test
