#include "support/collecting_sink.hpp"

#include "wire/line_parser.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace test {
namespace {

using namespace lmstress;

template <class T>
std::string field(std::string_view name, const std::optional<T>& value) {
    return value ? fmt::format(" {}={}", name, *value) : std::string{};
}

std::string line(const event::opened& e) {
    return fmt::format("opened by '{}'", e.answered_by);
}

std::string line(const event::load_progress& e) {
    constexpr std::string_view steps[] = {"start", "progress", "end"};
    return fmt::format("load {} {}{}", steps[static_cast<std::size_t>(e.at)], e.fraction,
                       field("seconds", e.load_seconds));
}

std::string line(const event::prefill_progress& e) {
    constexpr std::string_view steps[] = {"start", "progress", "end"};
    return fmt::format("prefill {}{}{}{}{}{}", steps[static_cast<std::size_t>(e.at)],
                       field("fraction", e.fraction), field("done", e.done),
                       field("total", e.total), field("cached", e.cached),
                       field("ms", e.server_time_ms));
}

std::string line(const event::text& e) {
    constexpr std::string_view kinds[] = {"reasoning", "answer", "tool_arguments"};
    const std::string count = e.tokens_so_far ? fmt::format(" #{}", *e.tokens_so_far) : "";
    return fmt::format("text {} '{}'{}", kinds[static_cast<std::size_t>(e.of)], e.content, count);
}

std::string line(const event::vectors& e) {
    return fmt::format("vectors {} of {}", e.count, e.size);
}

std::string line(const event::answer_id& e) {
    return fmt::format("id {}", e.id);
}

std::string line(const event::tool_call& e) {
    constexpr std::string_view steps[] = {"start", "arguments", "success", "failure"};
    const std::string reason = e.reason.empty() ? "" : fmt::format(": {}", e.reason);
    return fmt::format("tool {} '{}'{}", steps[static_cast<std::size_t>(e.at)], e.name, reason);
}

std::string line(const event::usage& e) {
    return fmt::format("usage{}{}{}{}", field("input", e.input_tokens),
                       field("cached", e.cached_tokens), field("output", e.output_tokens),
                       field("reasoning", e.reasoning_tokens)) +
           field("cache_creation", e.cache_creation_tokens);
}

std::string line(const event::server_stats& e) {
    return fmt::format("stats{}{}{}", field("ttft", e.ttft_seconds),
                       field("rate", e.tokens_per_second), field("load", e.load_seconds)) +
           (e.stop_reason.empty() ? "" : fmt::format(" stop={}", e.stop_reason));
}

std::string line(const event::draft_stats& e) {
    return fmt::format("draft {} of {} accepted, {} rejected{}{}", e.accepted, e.total, e.rejected,
                       e.ignored > 0 ? fmt::format(", {} ignored", e.ignored) : "",
                       e.model.empty() ? "" : fmt::format(", by {}", e.model));
}

std::string line(const event::engine_facts& e) {
    return fmt::format("engine '{}' '{}' '{}'{} '{}' '{}'", e.arch, e.quant, e.format,
                       field("context", e.context_length), e.runtime, e.runtime_version);
}

std::string line(const event::finish& e) {
    return fmt::format("finish {}", e.reason);
}

std::string line(const event::failure& e) {
    return fmt::format("failure {}: {}", to_string(e.kind), e.message);
}

std::string line(const event::end&) {
    return "end";
}

std::string line(const event::unknown& e) {
    return fmt::format("unknown '{}'", e.type);
}

/// Hands the frames of a body to a decoder.
class into_decoder final : public wire::sse_sink, public wire::line_sink {
  public:
    into_decoder(api::frame_decoder& decoder, event_sink& sink) : decoder_(decoder), sink_(sink) {}
    void on_sse_event(const wire::sse_event& e) override { decoder_.on_frame(e, sink_); }
    void on_line(std::string_view line) override { on_sse_event({.type = {}, .data = line}); }

  private:
    api::frame_decoder& decoder_;
    event_sink& sink_;
};

}  // namespace

std::string line_of(const stream_event& e) {
    return std::visit([](const auto& known) { return line(known); }, e);
}

std::vector<std::string> decode(std::string_view api, std::string_view text, body b) {
    const api::api* row = api::find_api(api);
    if (row == nullptr) throw std::runtime_error("no API " + std::string{api});
    const auto decoder = row->make_decoder();
    collecting_sink events;
    into_decoder frames{*decoder, events};
    switch (row->body) {
        case api::framing::sse:
            wire::sse_parser{}.push(text, frames);
            break;
        case api::framing::ndjson:
            wire::line_parser{}.push(text, frames);
            break;
        case api::framing::web_socket:
        case api::framing::whole:
            frames.on_line(text);
            break;
    }
    if (b == body::ends) decoder->on_end_of_body(events);
    return events.lines;
}

}  // namespace test
