#pragma once

#include "lmstress/selfcheck.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::cli {

/// Which machine this is, as far as a self-check on another says nothing about it.
struct host_facts {
    std::string name;
    std::string cpu;  ///< empty: the system does not say
    std::uint32_t cores = 0;
};
[[nodiscard]] host_facts host_of_process();

/// Where the last self-check is kept: in XDG_STATE_HOME where that is an absolute path, else in
/// ~/.local/state; empty where neither is known. `variables` are "NAME=value".
[[nodiscard]] std::string selfcheck_path(const std::vector<std::string>& variables);

/// The last self-check of this version on this host; nothing where there is none.
[[nodiscard]] std::optional<selfcheck_note> last_selfcheck();

}  // namespace lmstress::cli
