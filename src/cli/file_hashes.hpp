#pragma once

#include "lmstress/scenario.hpp"

#include <string>
#include <utility>
#include <vector>

namespace lmstress::cli {

/// What the files hold that the requests of the scenario are made of: where it names each, as
/// "/workload/prompts" or "/workload/images/0", and a hash of its bytes, sixteen hexadecimal
/// digits. Of what is no ordinary file, a pipe for one, nothing: it can be read only once.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> hashes_of_files(const scenario& s);

}  // namespace lmstress::cli
