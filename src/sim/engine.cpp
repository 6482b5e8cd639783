#include "sim/engine.hpp"

#include <algorithm>

namespace lmstress::sim {

using kind = emission::kind;

std::uint64_t engine::slot_context() const noexcept {
    if (settings_.unified_kv || !settings_.divide_context) return settings_.context_length;
    return settings_.context_length / settings_.parallel;
}

void engine::submit(instant now, job_id id, const job& j) {
    queue_.push_back({.id = id, .wanted = j, .arrived = now, .prefilled = j.cached_tokens});
    if (!step_end_ && !wake_at_) wake_at_ = now;
}

void engine::cancel(job_id id) {
    std::erase_if(queue_, [&](const request& r) { return r.id == id; });
    for (request& r : slots_) {
        if (r.id == id) r.cancelled = true;
    }
}

std::optional<instant> engine::next_due() const noexcept {
    return step_end_ ? step_end_ : wake_at_;
}

void engine::advance(instant now, std::vector<emission>& out) {
    while (const auto due = next_due()) {
        if (*due > now) return;
        if (step_end_) end_step(out);
        wake_at_.reset();
        begin_step(*due, out);
    }
}

void engine::take_slots(instant now, std::vector<emission>& out) {
    // Steps are worked off when somebody asks: one that came after this step began is not seen by
    // it.
    while (slots_.size() < settings_.parallel && !queue_.empty() && queue_.front().arrived <= now) {
        request r = queue_.front();
        queue_.pop_front();
        if (r.wanted.prompt_tokens >= slot_context()) {
            out.push_back({r.id, kind::prompt_too_long, r.wanted.prompt_tokens, now});
            continue;
        }
        out.push_back({r.id, kind::prefill_start, 0, now});
        slots_.push_back(r);
    }
}

/// Ends what cannot go on for lack of memory. True when slots came free by it.
bool engine::end_where_full(instant now, std::vector<emission>& out) {
    const std::size_t before = slots_.size();
    // A slot that holds as much as it can: its stream ends, in its own time and alone.
    std::erase_if(slots_, [&](const request& r) {
        const bool full = r.decoding() && r.live_tokens() >= slot_context();
        if (full) out.push_back({r.id, kind::context_full, r.generated, now});
        return full;
    });
    if (!settings_.unified_kv) return slots_.size() != before;
    std::uint64_t live = 0;
    for (const request& r : slots_) live += r.live_tokens();
    const batch next = next_batch();
    if (live + next.prompt_tokens + next.decoding <= settings_.context_length)
        return slots_.size() != before;
    for (const request& r : slots_) {
        const bool alone = slots_.size() == 1 && r.decoding();
        out.push_back(
            {r.id, alone ? kind::context_full : kind::context_exhausted, r.generated, now});
    }
    slots_.clear();
    return true;
}

void engine::send_away(instant now, std::vector<emission>& out) {
    if (settings_.longest_wait == nanoseconds{0}) return;
    while (!queue_.empty() && queue_.front().arrived + settings_.longest_wait <= now) {
        out.push_back({queue_.front().id, kind::no_slot, 0, now});
        queue_.pop_front();
    }
}

void engine::drop_cancelled() {
    std::erase_if(slots_, [&](const request& r) {
        return r.cancelled && (r.decoding() || !settings_.prefill_goes_on);
    });
}

void engine::begin_step(instant now, std::vector<emission>& out) {
    drop_cancelled();
    take_slots(now, out);
    while (end_where_full(now, out)) take_slots(now, out);
    send_away(now, out);
    if (slots_.empty()) {
        if (!queue_.empty()) wake_at_ = queue_.front().arrived;
        return;
    }
    const batch next = next_batch();
    std::uint64_t taken = 0;
    for (request& r : slots_) taken += r.in_step = chunk_of(r, taken);
    step_decodes_ = next.decoding > 0;
    step_end_ = now + settings_.step_base +
                settings_.step_per_stream * static_cast<std::int64_t>(next.decoding) +
                settings_.prefill_per_token * static_cast<std::int64_t>(next.prompt_tokens);
}

/// The prompt tokens of it that a step takes which holds `taken` of others already.
std::uint64_t engine::chunk_of(const request& r, std::uint64_t taken) const noexcept {
    if (settings_.prefill_alone && taken > 0) return 0;
    return std::min(r.wanted.prompt_tokens - r.prefilled, settings_.prefill_chunk - taken);
}

engine::batch engine::next_batch() const noexcept {
    batch b;
    for (const request& r : slots_) {
        b.prompt_tokens += chunk_of(r, b.prompt_tokens);
        b.decoding += r.decoding();
    }
    if (settings_.prefill_alone && b.prompt_tokens > 0) b.decoding = 0;
    return b;
}

void engine::end_step(std::vector<emission>& out) {
    for (request& r : slots_) {
        if (r.decoding()) {
            if (step_decodes_) decode_one(r, out);
        } else if (r.in_step > 0) {
            prefill_some(r, out);
        }
    }
    std::erase_if(slots_,
                  [](const request& r) { return r.generated >= r.wanted.max_output_tokens; });
    step_end_.reset();
}

void engine::decode_one(request& r, std::vector<emission>& out) {
    ++r.generated;
    out.push_back({r.id, kind::token, r.generated, *step_end_});
    if (r.generated == r.wanted.max_output_tokens) {
        out.push_back({r.id, kind::finished, r.generated, *step_end_});
    }
}

/// The step that finishes a prompt samples its first token.
void engine::prefill_some(request& r, std::vector<emission>& out) {
    r.prefilled += r.in_step;
    r.in_step = 0;
    out.push_back({r.id, kind::prefill_progress, r.prefilled, *step_end_});
    if (!r.decoding()) return;
    out.push_back({r.id, kind::prefill_end, r.prefilled, *step_end_});
    if (!r.cancelled) decode_one(r, out);
}

bool engine::decoding() const noexcept {
    return std::any_of(slots_.begin(), slots_.end(), [](const request& r) { return r.decoding(); });
}

}  // namespace lmstress::sim
