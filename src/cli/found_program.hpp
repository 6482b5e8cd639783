#pragma once

#include "lmstress/error.hpp"

#include <string>

namespace lmstress::cli {

/// An error where the program that --server-command names is not there: no setting of a sweep
/// would start it. Nothing is said of a name that has a place for a setting in it, and of no
/// command.
[[nodiscard]] result<void> find_program(const std::string& command);

}  // namespace lmstress::cli
