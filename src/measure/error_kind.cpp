#include "measure/error_kind.hpp"

namespace lmstress::measure {

std::string error_kind(const request_error& e) {
    if (e.timed_out_in) return "timeout_" + std::string{to_string(*e.timed_out_in)};
    return std::string{e.kind ? to_string(*e.kind) : "unknown"};
}

}  // namespace lmstress::measure
