#pragma once

#include <span>

namespace lmstress::cli {

/// Writes stars over what of a command line may be a secret, so that ps no longer shows it: values
/// of flags for tokens and headers, of --set, and JSON. To be called once the arguments are parsed;
/// they are changed where they stand.
void hide_arguments(std::span<char* const> arguments);

}  // namespace lmstress::cli
