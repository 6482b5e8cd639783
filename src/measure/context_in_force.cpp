#include "measure/context_in_force.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace lmstress::measure {
namespace {

std::uint64_t share_of(const server_settings& s) {
    const auto slots = s.parallel.confirmed ? s.parallel.confirmed : s.parallel.requested;
    return *s.context_length.requested / std::max<std::uint64_t>(slots.value_or(1), 1);
}

std::optional<bool> is_unified(const server_settings& s) {
    return s.unified_kv.confirmed ? s.unified_kv.confirmed : s.unified_kv.requested;
}

bool is_of_a_slot(const server_settings& s) {
    return s.context_length.source == llama_cpp_props;
}

}  // namespace

bool context_as_asked(const server_settings& s) {
    constexpr std::uint64_t step = 256;
    const auto& context = s.context_length;
    if (!context.requested || !context.confirmed) return true;
    if (!is_of_a_slot(s)) return *context.confirmed == *context.requested;
    const auto is = [&](std::uint64_t tokens) {
        return *context.confirmed == tokens ||
               *context.confirmed == (tokens + step - 1) / step * step;
    };
    const auto unified = is_unified(s);
    const bool whole = unified.value_or(true) && is(*context.requested);
    return whole || (!unified.value_or(false) && is(share_of(s)));
}

std::string context_wanted_text(const server_settings& s) {
    const std::uint64_t whole = *s.context_length.requested;
    const std::uint64_t share = share_of(s);
    if (!is_of_a_slot(s) || share == whole || is_unified(s) == true)
        return fmt::format("{}", whole);
    if (is_unified(s) == false) {
        return fmt::format("{} that are a slot's share of the {}", share, whole);
    }
    return fmt::format("{}, or the {} of a slot's share,", whole, share);
}

}  // namespace lmstress::measure
