#pragma once

#include "lmstress/summary.hpp"

#include <string>

namespace lmstress::measure {

/// Whether the context length that was asked for is the one in force, as far as the server tells.
/// llama.cpp tells that of one slot: all of it with a unified KV cache, a share for each slot
/// without, either rounded up to its step. Where nobody says which, both are as asked.
[[nodiscard]] bool context_as_asked(const server_settings& s);

/// What there would be then: "8192", "2048 that are a slot's share of the 8192". Precondition: a
/// length was asked for.
[[nodiscard]] std::string context_wanted_text(const server_settings& s);

}  // namespace lmstress::measure
