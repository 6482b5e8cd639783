#pragma once

#include "analyze/capacity_search.hpp"
#include "analyze/measured_level.hpp"
#include "analyze/scaling_law.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::analyze {

/// Where the share of the requests that meet the SLO lies with 95 % confidence. Requests that ran
/// together were fast or slow together, so the interval is the wider one of Clopper and Pearson's,
/// which takes them for independent, and of Student's over twenty stretches of the window. Nothing
/// without an SLO or requests.
[[nodiscard]] std::optional<interval> attainment_interval(const measured_level& level);

/// The rule that decides a step: it holds where the interval of the share is at or above
/// `attainment`, and fails where it is below.
[[nodiscard]] step_judgement judge_attainment(const measured_level& level, double attainment);

/// Of a load that is judged by thresholds, whose latencies are of the requests that had them: it
/// fails where more than `most` of the requests failed or timed out, by the interval of that share.
/// Where none did, nothing speaks against it.
[[nodiscard]] step_judgement judge_errors(const level_summary& level, double most);

/// A load that was measured, in one piece or several. Where it is tested again, what was measured
/// the first time counts as well: the second time gives more to judge by, and not another draw.
struct capacity_step {
    double load = 0;
    step_verdict verdict = step_verdict::undecided;
    bool leans = false;        ///< undecided, and the objective is met as far as it was seen
    bool cut_short = false;    ///< it would have been measured on, had there been time
    bool server_busy = false;  ///< before a piece of it the server did not become idle
    std::uint32_t pieces = 0;  ///< of this time
    nanoseconds length{0};     ///< of their windows together
    nanoseconds earlier{0};    ///< of those of the times before
    measured_level level;      ///< all of them together (joined_level.hpp)
    /// The last of them: what ran at once is seen in one piece only, for in time they overlap once
    /// they are laid end to end.
    measured_level last = {};
};

/// Looks for the capacity piece by piece: which load is to be measured next is what it says, and
/// what came of it is what it is told. A step that is undecided is measured on, until it is decided
/// or as long as a step may be. Pure: time is what it is told.
class capacity_hunt {
  public:
    using judge = std::function<step_judgement(const measured_level&)>;
    struct settings {
        capacity_search::settings search = {};
        nanoseconds step_limit{0};  ///< of the windows of a step
        nanoseconds max_time{0};    ///< of all pieces, with all that is around their windows
    };
    capacity_hunt(const settings& s, judge by)
        : settings_(s), search_(s.search), judge_(std::move(by)) {}

    /// The load of the next piece; nothing when the search is over.
    [[nodiscard]] std::optional<double> next() const;
    /// `took` is the time that it took in all; `server_busy`: the server was not idle before it.
    void told(measured_level piece, nanoseconds took, bool server_busy = false);
    /// A piece that was measured before the search was ended: it counts, however little time there
    /// is now. After the last of them heed_time().
    void knew(measured_level piece, nanoseconds took, bool server_busy = false);
    /// Before the pieces of the steps from `first` on the server was not idle, as is known only
    /// now.
    void were_busy(std::size_t first);
    /// Ends the search where there is no time for a further piece.
    void heed_time();
    /// Which step the next piece is of, the first one 1.
    [[nodiscard]] std::size_t step_number() const noexcept {
        return steps_.size() + (pieces_.empty() ? 1 : 0);
    }

    [[nodiscard]] const std::vector<capacity_step>& steps() const noexcept { return steps_; }
    [[nodiscard]] capacity_search::bracket found() const { return search_.found(); }
    /// There was no time for a further piece, of the last step or of another.
    [[nodiscard]] bool out_of_time() const noexcept { return out_of_time_; }

  private:
    void begin_step(double load);
    void close_step();

    settings settings_;
    capacity_search search_;
    judge judge_;
    std::vector<capacity_step> steps_;
    std::vector<measured_level> pieces_;  // of the step under way; empty: none is
    nanoseconds spent_{0};
    nanoseconds longest_piece_{0};
    bool out_of_time_ = false;
};

/// Throughput at each load that was measured, its error by a jackknife over stretches of the
/// window; by users, or in an open loop by the requests in flight on average.
[[nodiscard]] std::vector<load_point> load_points(std::span<const capacity_step> steps);
struct loaded_level {
    double load = 0;
    const measured_level* level = nullptr;
};
[[nodiscard]] std::vector<load_point> load_points(std::span<const loaded_level> levels);

/// What kept the load from growing. Errors are what report::limit_of_errors() finds.
enum class limit : std::uint8_t { slots, prefill, decode, kv_pool, errors, unknown };
[[nodiscard]] std::string_view to_string(limit l) noexcept;

/// By the level that did not hold: what failed, and where its requests' time went.
struct limit_found {
    limit is = limit::unknown;
    std::string evidence = {};   ///< a sentence
    std::string next_step = {};  ///< what in setting or hardware would change it, a sentence
};
/// Which clause failed is the one of the SLO that the fewest requests met, or the one that a broken
/// bound is about: `bound` names its figure ("ttft_ms.p95"); empty: none was broken. Of a count of
/// requests or a throughput it is what keeps requests from ending sooner.
[[nodiscard]] limit_found what_limits(const measured_level& beyond, std::string_view bound = {});
/// Of a level that is joined of several pieces: what ran at once is seen in one of them.
[[nodiscard]] limit_found what_limits(const measured_level& beyond, const measured_level& piece,
                                      std::string_view bound);
/// Of a level where output no longer grew with the load, whatever was promised: the slots, where
/// more requests were there than those and waited longer than for their prompt; else what most of
/// their time went to.
[[nodiscard]] limit_found what_limits_output(const measured_level& level);

/// The largest load at which each clause of the SLO alone was met by that share of the requests,
/// and the smallest at which it was not, as measured.
struct clause_capacity {
    std::string clause;  ///< "ttft < 2 s"
    std::optional<double> holds;
    std::optional<double> fails;
};
[[nodiscard]] std::vector<clause_capacity> by_clause(std::span<const capacity_step> steps,
                                                     double attainment);

}  // namespace lmstress::analyze
