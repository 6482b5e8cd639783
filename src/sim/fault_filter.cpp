#include "sim/fault_filter.hpp"

#include <utility>

namespace lmstress::sim {
namespace {

constexpr std::size_t events_in_a_write = 4;
/// lmstress reads events of up to 1 MiB.
constexpr std::size_t oversize = (1U << 20U) + 1;

bool is_token(const truth& what) {
    return what.type == "message.delta" || what.type == "token" || what.type == "fragment";
}

/// Without these a client cannot know that it has the whole answer.
bool tells_the_end(const truth& what) {
    return what.type == "chat.end" || what.type == "finish" || what.type == "usage" ||
           what.type == "done" || what.type == "success";
}

/// Its type stands on the line `event:` alone.
std::string bare(std::string_view frame) {
    return std::string{frame.substr(0, frame.find("data: "))} + "data: {}\n\n";
}

bool has_no_content(const truth& what) {
    return what.type == "message.start" || what.type == "message.end" ||
           what.type == "prompt_processing.end";
}

/// Without the last letters of its JSON.
std::string cut_short(std::string_view frame) {
    const std::size_t json_ends = frame.find_last_not_of('\n') + 1;
    return std::string{frame.substr(0, json_ends - 2)}.append(frame.substr(json_ends));
}

/// With a member that nobody knows, which makes it too large.
std::string inflated(std::string_view frame) {
    const std::size_t inside = frame.find('{') + 1;
    std::string out{frame.substr(0, inside)};
    out += "\"padding\":\"" + std::string(oversize, 'x') + "\",";
    return out += frame.substr(inside);
}

}  // namespace

void fault_filter::send(std::string_view bytes) {
    write_held();
    // The last of all events has none to change places with.
    if (!first_of_two_.empty()) pass(std::exchange(first_of_two_, {}), &truth_of_first_);
    write(bytes, nullptr);
}

void fault_filter::send_event(std::string_view frame, const truth& what) {
    const bool reached = what_.event ? what.event >= *what_.event : tokens_ >= what_.half_way;
    const bool strikes_now = reached && !struck_;
    struck_ = struck_ || reached || (kind_ == fault::error_first && what.type == "error");
    if (is_token(what)) ++tokens_;
    if (kind_ == fault::stall && struck_) return;
    if (kind_ == fault::truncate && tells_the_end(what)) return;
    if (kind_ == fault::error_first && !struck_) return;
    if (kind_ == fault::drop_event && strikes_now) return;
    if (kind_ == fault::double_event && strikes_now) pass(frame, &what);
    if (kind_ == fault::double_prefill_end && what.type == "prompt_processing.end") {
        pass(frame, &what);
    }
    if (kind_ == fault::bare_events && has_no_content(what)) return pass(bare(frame), &what);
    if (kind_ == fault::swap_events) return swap(frame, what, strikes_now);
    if (kind_ == fault::spliced_frame) return splice(frame, what, strikes_now);
    if (kind_ == fault::malformed_frame && strikes_now) return pass(cut_short(frame), nullptr);
    if (kind_ == fault::oversized_event && strikes_now) return pass(inflated(frame), &what);
    pass(frame, &what);
}

void fault_filter::splice(std::string_view frame, const truth& what, bool begins_now) {
    if (begins_now) {
        first_of_two_ = frame;
    } else if (first_of_two_.empty()) {
        pass(frame, &what);
    } else {
        std::string both = std::exchange(first_of_two_, {});
        both.insert(both.size() / 2, frame);
        pass(both, nullptr);
    }
}

void fault_filter::swap(std::string_view frame, const truth& what, bool begins_now) {
    if (begins_now) {
        first_of_two_ = frame;
        truth_of_first_ = what;
        return;
    }
    pass(frame, &what);
    if (!first_of_two_.empty()) pass(std::exchange(first_of_two_, {}), &truth_of_first_);
}

void fault_filter::pass(std::string_view frame, const truth* what) {
    const std::string bytes = wrap_(frame);
    if (kind_ != fault::coalesce) return write(bytes, what);
    held_ += bytes;
    held_events_.push_back(*what);
    if (held_events_.size() == events_in_a_write) write_held();
}

void fault_filter::write(std::string_view bytes, const truth* what) {
    while (kind_ == fault::byte_by_byte && bytes.size() > 1) {
        to_.write(bytes.substr(0, 1));
        bytes.remove_prefix(1);
    }
    if (what != nullptr) to_.on_event(*what);
    to_.write(bytes);
}

void fault_filter::write_held() {
    if (held_.empty()) return;
    for (const truth& what : held_events_) to_.on_event(what);
    held_events_.clear();
    to_.write(std::exchange(held_, {}));
}

}  // namespace lmstress::sim
