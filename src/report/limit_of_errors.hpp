#pragma once

#include "analyze/capacity.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lmstress::report {

/// How many of the requests that were offered may fail.
struct allowed_errors {
    double share = 0;
    std::string_view by;  ///< "--max-error-rate allows"
    /// By an SLO: requests that answered too late miss it as well, and where these are more it is
    /// not the errors that limit.
    bool of_slo = false;
};

/// Where more requests of a load failed than were allowed, so that it could not hold, whatever the
/// others were like: how many, most of them by what, and what to do about that. `levels`: all that
/// were measured of it.
[[nodiscard]] std::optional<analyze::limit_found> limit_of_errors(
    std::span<const level_summary* const> levels, const allowed_errors& allowed);

/// The same of a bound on a figure of summary.json that is a count of failures, as
/// `requests.failed` or `errors.reset.count`, where it was broken: of one on a single kind, by that
/// kind. Nothing where the figure is none, or nothing of the kind failed.
[[nodiscard]] std::optional<analyze::limit_found> limit_of_counted(
    const level_summary& level, std::span<const std::string> figure);

/// By an SLO that so many requests have to meet.
[[nodiscard]] allowed_errors allowed_by_slo(double attainment) noexcept;

}  // namespace lmstress::report
