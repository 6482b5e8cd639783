#include "api/llama_cpp.hpp"

#include "api/json_frame.hpp"

namespace lmstress::api {

namespace json = boost::json;

void llama_cpp_reader::read_progress(const json::object& frame, event_sink& sink) {
    using step = event::prefill_progress::step;
    const json::object* o = object_at(frame, "prompt_progress");
    if (o == nullptr) return;
    event::prefill_progress p{.at = step::start,
                              .done = count_at(*o, "processed"),
                              .total = count_at(*o, "total"),
                              .cached = count_at(*o, "cache"),
                              .server_time_ms = number_at(*o, "time_ms")};
    if (!in_prefill_) {
        in_prefill_ = true;
        sink.on_event(p);
    }
    p.at = p.done == p.total ? step::end : step::progress;
    sink.on_event(p);
}

void llama_cpp_reader::read_timings(const json::object& frame, event_sink& sink) {
    if (tokens_so_far(frame).value_or(0) == 0) return;
    const json::object& o = *object_at(frame, "timings");
    event::server_stats stats{.tokens_per_second = number_at(o, "predicted_per_second")};
    if (const auto ms = number_at(o, "prompt_ms")) stats.ttft_seconds = *ms / 1000.0;
    sink.on_event(stats);
}

std::optional<std::uint64_t> llama_cpp_reader::tokens_so_far(const json::object& frame) {
    const json::object* o = object_at(frame, "timings");
    return o == nullptr ? std::nullopt : count_at(*o, "predicted_n");
}

}  // namespace lmstress::api
