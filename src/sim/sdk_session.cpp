#include "sim/sdk_session.hpp"

#include "sim/request_json.hpp"
#include "sim/sdk_config.hpp"
#include "sim/sdk_texts.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

// packages/lms-client/src/LMStudioClient.ts: the ports that it opens.
constexpr std::array<std::string_view, 9> namespaces = {"llm",         "embedding", "system",
                                                        "diagnostics", "files",     "repository",
                                                        "plugins",     "runtime",   "retrieval"};

void append_error(wire::json_writer& w, std::string_view title, std::string_view cause) {
    w.key("error").begin_object().field("title", title).field("cause", cause);
    w.field("rootTitle", title).end_object();
}

}  // namespace

bool is_sdk_path(std::string_view path) {
    return path.starts_with('/') &&
           std::find(namespaces.begin(), namespaces.end(), path.substr(1)) != namespaces.end();
}

sdk_session::sdk_session(server& s, sdk_output& to, std::string_view path)
    : server_(s), output_(to), namespace_(path.substr(1)) {}

sdk_session::~sdk_session() {
    server_.forget_load(*this);
    for (const auto& p : predictions_) {
        if (!p->over()) server_.abandoned(*p);
    }
    // A file stays as long as the client that sent it.
    for (const std::string& file : files_) server_.forget_file(file);
}

void sdk_session::take(std::string_view text, instant now) {
    if (!admitted_) return greet(text);
    const auto message = parse_object(text);
    if (!message) return;  // LM Studio logs it and goes on
    const std::string type = string_in(*message, "type");
    if (type == "rpcCall") return call(*message, now);
    if (type == "channelCreate") return open_channel(*message, now);
    if (type == "channelSend" && string_in(object_in(*message, "message"), "type") == "cancel") {
        cancel(count_in(*message, "channelId"), now);
    }
    if (type == "keepAlive") output_.send_text(R"({"type":"keepAliveAck"})");
}

void sdk_session::greet(std::string_view text) {
    const auto message = parse_object(text);
    if (!message || count_in(*message, "authVersion") != 1) return;
    admitted_ = server_.admits(string_in(*message, "clientIdentifier"),
                               string_in(*message, "clientPasskey"));
    if (admitted_) return output_.send_text(R"({"success":true})");
    output_.send_text(R"({"success":false,"error":"Invalid API token"})");
    output_.hang_up_socket();
}

void sdk_session::answer_call(std::uint64_t id, std::string_view json) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "rpcResult").field("callId", id);
    if (!json.empty()) w.key("result").raw(json);
    w.end_object();
    output_.send_text(std::move(out));
}

void sdk_session::refuse_call(std::uint64_t id, std::string_view title, std::string_view cause) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "rpcError").field("callId", id);
    append_error(w, title, cause);
    w.end_object();
    output_.send_text(std::move(out));
}

void sdk_session::refuse_channel(std::uint64_t id, std::string_view title, std::string_view cause) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "channelError").field("channelId", id);
    append_error(w, title, cause);
    w.end_object();
    output_.send_text(std::move(out));
}

void sdk_session::send_on(std::uint64_t channel, std::string_view json) {
    output_.send_text(channel_message(channel, json));
}

void sdk_session::close_channel(std::uint64_t channel) {
    output_.send_text(channel_close(channel));
}

}  // namespace lmstress::sim
