#pragma once

#include "lmstress/stream_event.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <optional>

namespace lmstress::api {

/// Reads what llama.cpp adds to the frames of OpenAI's APIs when it is asked to: `return_progress`
/// and `timings_per_token`. One for each answer.
class llama_cpp_reader {
  public:
    /// {"total", "cache", "processed", "time_ms"}, of which `processed` includes `cache`.
    void read_progress(const boost::json::object& frame, event_sink& sink);
    /// `prompt_ms` runs from taking the prompt to sampling the first token, which is the server's
    /// own time to first token; the counts before generation are all zero and say nothing.
    static void read_timings(const boost::json::object& frame, event_sink& sink);
    /// Tokens generated so far, where the frame says so.
    [[nodiscard]] static std::optional<std::uint64_t> tokens_so_far(
        const boost::json::object& frame);

  private:
    bool in_prefill_ = false;
};

}  // namespace lmstress::api
