#pragma once

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::sim {

/// The ids of a text's tokens, as many as the server counts for it: one each so many characters,
/// made of them, so that the same text has the same ones.
[[nodiscard]] std::vector<std::uint32_t> tokens_of(std::string_view text, double characters_each);

/// Messages in a model's template (ChatML), up to where its answer begins.
[[nodiscard]] std::string templated(const boost::json::value& messages, bool with_beginning);

}  // namespace lmstress::sim
