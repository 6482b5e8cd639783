#include "api/repeated_frame.hpp"

#include "wire/plain_text.hpp"

namespace lmstress::api {

std::optional<event::text> repeated_frame::read(const wire::sse_event& frame) const {
    std::string_view text = frame.data;
    if (!known_ || text.size() <= before_.size() + after_.size()) return std::nullopt;
    if (!text.starts_with(before_) || !text.ends_with(after_)) return std::nullopt;
    if (frame.type != type_ || frame.from_error_field) return std::nullopt;
    text.remove_prefix(before_.size());
    text.remove_suffix(after_.size());
    // Only what stands for itself: nothing in it ends the string, escapes, or is refused.
    if (wire::plain_length(text) != text.size()) return std::nullopt;
    return event::text{of_, text, tokens_so_far_};
}

/// Where in the frame the text stands is beyond doubt only where it stands there once, between
/// quotes, and no string of the frame is written with escapes, as which it could be there as well.
void repeated_frame::learn(const wire::sse_event& frame, const event::text& said) {
    forget();
    if (said.content.empty() || frame.from_error_field) return;
    if (frame.data.find('\\') != std::string_view::npos) return;
    const std::string quoted = '"' + std::string{said.content} + '"';
    const std::size_t at = frame.data.find(quoted);
    if (at == std::string_view::npos) return;
    if (frame.data.find(quoted, at + 1) != std::string_view::npos) return;
    known_ = true;
    type_ = frame.type;
    before_ = frame.data.substr(0, at + 1);
    after_ = frame.data.substr(at + quoted.size() - 1);
    of_ = said.of;
    tokens_so_far_ = said.tokens_so_far;
}

}  // namespace lmstress::api
