#include "measure/conversation_fold.hpp"

#include "measure/distribution.hpp"

#include <bit>

namespace lmstress::measure {
namespace {

std::optional<double> median_of(const std::vector<double>& values) {
    const auto d = distribution_of({.known = values, .cut = {}});
    return d ? std::optional{d->p50} : std::nullopt;
}

}  // namespace

void conversation_fold::add(const request_record& r) {
    if (!r.turn) return;
    const conversation_turn& at = *r.turn;
    const bool measured = r.phase == run_phase::measured;
    const bool bad = r.ended == outcome::failed || r.ended == outcome::timed_out;
    const bool last = at.turn + 1 >= at.turns;
    fate& its = conversations_[at.conversation];
    if (at.turn == 0) its.counts = measured;
    its.completed |= last && r.ended == outcome::completed;
    its.broken |= bad;
    if (!measured) return;
    if (bad && !last) not_sent_ += at.turns - at.turn - 1;
    add_to(by_turn_[at.turn + 1], r);
    if (r.input_tokens && *r.input_tokens > 0)
        add_to(by_depth_[std::bit_floor(*r.input_tokens)], r);
}

void conversation_fold::add_to(group& g, const request_record& r) {
    ++g.requests;
    if (r.input_tokens) g.input_tokens.push_back(static_cast<double>(*r.input_tokens));
    if (r.cached_tokens) g.cached_tokens.push_back(static_cast<double>(*r.cached_tokens));
    const auto ttft = r.moments.between(moment::send_start, moment::first_token);
    if (ttft) g.ttft_ms.push_back(static_cast<double>(ttft->count()) / 1e6);
}

std::vector<ttft_group> conversation_fold::groups_of(const std::map<std::uint64_t, group>& by) {
    std::vector<ttft_group> out;
    for (const auto& [from, g] : by) {
        out.push_back({.from = from,
                       .input_tokens_p50 = median_of(g.input_tokens),
                       .cached_tokens_p50 = median_of(g.cached_tokens),
                       .ttft_ms = distribution_of({.known = g.ttft_ms, .cut = {}}),
                       .requests = g.requests});
    }
    return out;
}

void conversation_fold::fill(level_summary& s) const {
    for (const auto& [number, its] : conversations_) {
        if (!its.counts) continue;
        ++s.conversations.begun;
        s.conversations.completed += its.completed;
        s.conversations.broken += its.broken;
    }
    s.requests.not_sent = not_sent_;
    s.by_turn = groups_of(by_turn_);
    s.by_depth = groups_of(by_depth_);
}

}  // namespace lmstress::measure
