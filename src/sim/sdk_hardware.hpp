#pragma once

#include <string>

namespace lmstress::sim {

/// What runtime/surveyHardware returns (lms-shared-types/src/RuntimeHardwareSurvey.ts): one engine
/// on a machine with a graphics card of 24 GiB, which is what the estimates of a load reckon with.
[[nodiscard]] std::string hardware_survey();

}  // namespace lmstress::sim
