#pragma once

#include "analyze/measured_level.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace lmstress::analyze {

/// A figure that the server gives for each request beside the one that was measured here.
struct server_against_ours {
    std::string_view name;  ///< "TTFT"
    std::string_view unit;
    std::string_view meaning;  ///< of the difference, a sentence
    distribution ours = {};
    distribution server = {};
    distribution difference = {};  ///< ours less the server's, request by request
};

/// Over the completed requests of the window for which both are known; empty where the server says
/// nothing of itself.
[[nodiscard]] std::vector<server_against_ours> against_server(const measured_level& level);

}  // namespace lmstress::analyze
