#pragma once

#include "lmstress/stream_event.hpp"
#include "wire/sse_parser.hpp"

#include <optional>
#include <string>

namespace lmstress::api {

/// The last frame of a stream, where it was read into one text and nothing else. The frames of a
/// stream mostly differ in that text alone, and one that does is read by comparing it with the last
/// one, for a fraction of what it costs to parse its JSON.
///
/// What it makes of a frame is what the decoder would have made of it. For that every decoder reads
/// texts from strings of its frames; and where a frame is one text and nothing else, the same frame
/// right after it is read alike and leaves the decoder as it is.
class repeated_frame {
  public:
    /// The text of a frame that differs from the last one in nothing else. Its view points into the
    /// frame.
    [[nodiscard]] std::optional<event::text> read(const wire::sse_event& frame) const;
    /// `frame` was read into that text, and nothing else.
    void learn(const wire::sse_event& frame, const event::text& said);
    void forget() noexcept { known_ = false; }

  private:
    bool known_ = false;
    std::string type_;
    std::string before_;  // up to the text, with its opening quote
    std::string after_;   // from its closing quote on
    event::text::kind of_{};
    std::optional<std::uint64_t> tokens_so_far_;
};

}  // namespace lmstress::api
