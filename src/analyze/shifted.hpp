#pragma once

#include "lmstress/request_record.hpp"

namespace lmstress::analyze {

/// The request with all of its times later by so much.
[[nodiscard]] request_record shifted(request_record r, nanoseconds by);

}  // namespace lmstress::analyze
