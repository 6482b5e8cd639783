#pragma once

#include "report/series.hpp"
#include "report/source.hpp"
#include "report/verdict_state.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lmstress::report {

/// What a report has to say, in words, to somebody who reads nothing else of it. All are whole
/// sentences.
struct report_verdict {
    std::string headline;              ///< the answer
    std::vector<std::string> carries;  ///< further answers
    std::vector<std::string> limits;   ///< what limits it, and what would change that
    std::vector<std::string> validity;
    bool valid = true;     ///< every run behind it
    bool complete = true;  ///< every run behind it came to its end
    /// Of each source by its name, in their order; the gravest is what the whole is worth.
    std::vector<std::pair<std::string, result_state>> states;
    [[nodiscard]] result_state state() const noexcept;
    std::vector<std::string> notes;  ///< what else to know, the gravest first
};

/// `all` is series_of(sources).
[[nodiscard]] report_verdict verdict_of(std::span<const source> sources,
                                        std::span<const series> all);

/// What was tested, as names and values in the order in which one asks: server, model, settings,
/// hardware, labels, when. What differs between the runs is listed.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> tested_of(
    std::span<const source> sources);

/// "qwen/qwen3-4b on LM Studio 0.4.16": the report's title.
[[nodiscard]] std::string title_of(std::span<const source> sources);

}  // namespace lmstress::report
