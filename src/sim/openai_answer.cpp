#include "sim/openai_answer.hpp"

#include <fmt/format.h>

namespace lmstress::sim {
namespace {

std::string json_string(std::string_view text) {
    std::string out;
    wire::append_json_string(out, text);
    return out;
}

std::string choices(std::string_view piece, std::string_view finish_reason) {
    return fmt::format("\"choices\":[{{\"index\":0,{},\"logprobs\":null,\"finish_reason\":{}}}]",
                       piece, finish_reason);
}

}  // namespace

/// The fields that every object of these routes begins with.
std::string openai_answer::envelope(std::string_view object) const {
    return fmt::format("{{\"id\":\"{}-{}\",\"object\":\"{}\",\"created\":1789917744,\"model\":{}",
                       names().id, id_, object, json_string(instance_));
}

std::string openai_answer::usage() const {
    return fmt::format(
        "\"usage\":{{\"prompt_tokens\":{},\"completion_tokens\":{},"
        "\"total_tokens\":{},\"prompt_tokens_details\":{{\"cached_tokens\":{}}},"
        "\"completion_tokens_details\":{{\"reasoning_tokens\":{}}}}}",
        chat_.prompt_tokens, tokens_, chat_.prompt_tokens + tokens_, chat_.cached_tokens,
        reasoned());
}

std::string openai_answer::piece(std::string_view word) const {
    if (word.empty()) return "\"delta\":{}";
    if (!chat_.tool.empty()) {
        return fmt::format(
            "\"delta\":{{\"tool_calls\":[{{\"index\":0,\"function\":{{\"arguments\":\"{}\"}}}}]}}",
            word);
    }
    return fmt::format("\"delta\":{{{}\"{}\":\"{}\"}}",
                       tokens_ == 1 ? "\"role\":\"assistant\"," : "",
                       reasons() ? reasoning_name() : "content", word);
}

/// LM Studio names it otherwise for gpt-oss since 0.3.23.
std::string_view openai_answer::reasoning_name() const {
    return chat_.model.starts_with("openai/gpt-oss") ? "reasoning" : "reasoning_content";
}

std::string openai_answer::whole_piece() const {
    const bool call = !chat_.tool.empty();
    return fmt::format(
        "\"message\":{{\"role\":\"assistant\",\"content\":{},"
        "\"{}\":{},\"tool_calls\":[{}]}}",
        json_string(call ? "" : whole_text()), reasoning_name(), json_string(reasoning_text()),
        call ? tool_call(whole_text()) : "");
}

std::string openai_answer::figures(bool) const {
    if (chat_.draft_model.empty()) return {};
    std::string object;
    wire::json_writer w{object};
    w.begin_object().field("tokens_per_second", tokens_per_second());
    write_draft(w);
    w.end_object();
    return ",\"stats\":" + object;
}

void openai_answer::write_draft(wire::json_writer& w) const {
    if (chat_.draft_model.empty()) return;
    const guesses of = of_draft();
    w.field("draft_model", chat_.draft_model).field("total_draft_tokens_count", of.total);
    w.field("accepted_draft_tokens_count", of.right);
    w.field("rejected_draft_tokens_count", of.wrong);
    w.field("ignored_draft_tokens_count", of.unused);
}

/// A call of the tool, with so much of its arguments.
std::string openai_answer::tool_call(std::string_view arguments) const {
    return fmt::format(
        "{{\"id\":{},\"type\":\"function\",\"function\":{{\"name\":{},\"arguments\":{}}}}}",
        json_string(call_id()), json_string(chat_.tool), json_string(arguments));
}

std::string openai_answer::call_begins() const {
    return "\"delta\":{\"role\":\"assistant\",\"tool_calls\":[{\"index\":0," +
           tool_call("").substr(1) + "]}";
}

void openai_answer::chunk_event(std::string_view type, std::string_view rest, instant due) {
    send_event(type, fmt::format("data: {}{},{}}}\n\n", head_, fingerprint_, rest), due);
}

void openai_answer::on_opened(instant) {
    // No letters or digits of chance, so that virtual time repeats to the byte.
    id_ = fmt::format("{:0>21}", chat_.request_id.substr(0, chat_.request_id.find('-')));
    head_ = envelope(names().chunk);
    fingerprint_ = ",\"system_fingerprint\":" + json_string(instance_);
    if (chat_.stream) open_stream();
}

void openai_answer::on_token(std::string_view word, const emission& e) {
    if (!chat_.stream) return;
    if (!chat_.tool.empty() && e.done == 1) {
        chunk_event("tool_call", choices(call_begins(), "null"), e.due);
    }
    if (chat_.whole_arguments && !chat_.tool.empty()) return;
    chunk_event("token", choices(piece(word), "null"), e.due);
}

void openai_answer::on_end(bool cut, instant now) {
    const std::string reason = json_string(finish_reason(cut));
    if (chat_.stream) {
        if (chat_.whole_arguments && !chat_.tool.empty()) {
            const std::string text = json_string(whole_text());
            const auto all = std::string_view{text}.substr(1, text.size() - 2);
            chunk_event("token", choices(piece(all), "null"), now);
        }
        chunk_event("finish", choices(piece(""), reason) + figures(cut), now);
        if (chat_.include_usage) chunk_event("usage", "\"choices\":[]," + usage(), now);
        send_event("done", "data: [DONE]\n\n", now);
        end_stream();
    } else {
        const std::string own = figures(cut);
        send_whole(json_answer(
            200,
            fmt::format("{},{},{}{}{}}}", envelope(names().whole), choices(whole_piece(), reason),
                        usage(), own.empty() ? ",\"stats\":{}" : own, fingerprint_)));
    }
}

void openai_answer::on_failed(std::string_view message, instant now) {
    const std::string text = json_string(message);
    if (chat_.stream) {
        send_event("error",
                   fmt::format("event: error\ndata: {{\"error\":{{\"message\":{}}}}}\n\n", text),
                   now);
        end_stream();
    } else {
        // Of the engine's errors this one alone was seen as an object.
        const bool object = message == "Model unloaded.";
        send_whole(json_answer(400, object ? fmt::format("{{\"error\":{{\"message\":{}}}}}", text)
                                           : fmt::format("{{\n    \"error\": {}\n}}", text)));
    }
}

std::unique_ptr<generation> make_openai_answer(chat c, reply& to) {
    return std::make_unique<openai_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
