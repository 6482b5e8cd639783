#pragma once

#include <string>

namespace test {

/// Checks `text` against tests/golden/<name>. With UPDATE_GOLDEN=1 in the environment the file is
/// written instead.
void check_golden(const std::string& name, const std::string& text);

}  // namespace test
