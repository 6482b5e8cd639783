#pragma once

#include "lmstress/request_record.hpp"

#include <string>

namespace lmstress::report {

/// One request on a terminal: each of its moments, in milliseconds from the send, in order of time.
[[nodiscard]] std::string moments(const request_record& record);

}  // namespace lmstress::report
