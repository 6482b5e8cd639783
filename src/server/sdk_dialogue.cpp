#include "server/sdk_dialogue.hpp"

#include "api/json_frame.hpp"
#include "api/socket_opening.hpp"
#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/parse.hpp>

namespace lmstress::server {

namespace json = boost::json;

namespace {

using event = sdk_dialogue::event;
using kind = sdk_dialogue::event::kind;

/// packages/lms-shared-types/src/Error.ts: a title, and perhaps a cause.
std::string text_of_error(const json::object& message) {
    const json::object* e = api::object_at(message, "error");
    if (e == nullptr) return "an error without a text";
    std::string text{api::string_at(*e, "title")};
    const std::string_view cause = api::string_at(*e, "cause");
    if (!cause.empty()) text += (text.empty() ? "" : ": ") + std::string{cause};
    return text.empty() ? "an error without a text" : text;
}

}  // namespace

std::string sdk_dialogue::greeting(std::string_view api_token) {
    return api::sdk_greeting(api_token);
}

std::string sdk_dialogue::call(std::string_view endpoint, const json::value& parameter) {
    state_ = state::calling;
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "rpcCall").field("endpoint", endpoint).field("callId", ++id_);
    // JavaScript's undefined is a key that is not there.
    if (!parameter.is_null()) w.key("parameter").raw(wire::json_text(parameter));
    w.end_object();
    return out;
}

std::string sdk_dialogue::open_channel(std::string_view endpoint, const json::value& parameter) {
    state_ = state::in_channel;
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "channelCreate").field("endpoint", endpoint);
    w.field("channelId", ++id_).key("creationParameter").raw(wire::json_text(parameter));
    w.end_object();
    return out;
}

event sdk_dialogue::fail(std::string why) {
    if (state_ != state::greeting) state_ = state::idle;
    return {.what = kind::failed, .why = std::move(why)};
}

event sdk_dialogue::take(std::string_view text) {
    json::error_code ec;
    const json::value v = json::parse(json::string_view{text.data(), text.size()}, ec);
    if (ec || !v.is_object()) return fail("a message that is no JSON object");
    const json::object& message = v.get_object();
    switch (state_) {
        case state::greeting:
            return take_admission(message);
        case state::idle:
            return {};
        case state::calling:
            return take_answer(message);
        case state::in_channel:
            return take_channel(message);
    }
    return {};
}

event sdk_dialogue::take_admission(const json::object& message) {
    const json::value* success = message.if_contains("success");
    if (success == nullptr || !success->is_bool()) return fail("no answer to the greeting");
    if (!success->get_bool()) {
        return {.what = kind::refused, .why = std::string{api::string_at(message, "error")}};
    }
    state_ = state::idle;
    return {.what = kind::admitted};
}

event sdk_dialogue::take_answer(const json::object& message) {
    const std::string_view type = api::string_at(message, "type");
    if (api::count_at(message, "callId") != id_) return {};
    if (type == "rpcError") return fail(text_of_error(message));
    if (type != "rpcResult") return {};
    state_ = state::idle;
    const json::value* value = message.if_contains("result");
    return {.what = kind::answer, .value = value == nullptr ? json::value{} : *value};
}

event sdk_dialogue::take_channel(const json::object& message) {
    const std::string_view type = api::string_at(message, "type");
    if (api::count_at(message, "channelId") != id_) return {};
    if (type == "channelError") return fail(text_of_error(message));
    if (type == "channelClose") {
        state_ = state::idle;
        return {.what = kind::closed};
    }
    if (type != "channelSend") return {};
    const json::value* value = message.if_contains("message");
    event e{.what = kind::message, .value = value == nullptr ? json::value{} : *value};
    if (const auto ack = api::count_at(message, "ackId")) {
        wire::json_writer w{e.reply};
        w.begin_object().field("type", "channelAck").field("channelId", id_);
        w.field("ackId", *ack).end_object();
    }
    return e;
}

}  // namespace lmstress::server
