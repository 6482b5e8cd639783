#pragma once

namespace lmstress {

inline constexpr const char* version = "0.1.0";

}  // namespace lmstress
