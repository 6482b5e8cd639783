#pragma once

#include <string>

namespace test {

/// What promtool of Prometheus objects to in a text of metrics; empty: nothing. Where there is no
/// promtool that is said and nothing objected to, unless LMSTRESS_REQUIRE_NPM is set, as in
/// .ci/run: then the test fails.
std::string promtool_objections(const std::string& metrics);

}  // namespace test
