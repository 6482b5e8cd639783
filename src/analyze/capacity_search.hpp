#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace lmstress::analyze {

/// Whether the objective held at a load.
enum class step_verdict : std::uint8_t { holds, fails, undecided };
[[nodiscard]] std::string_view to_string(step_verdict v) noexcept;

/// What came of a load: its verdict, and where it is undecided to which side it leans.
struct step_judgement {
    step_judgement(step_verdict v) : verdict(v), leans(v == step_verdict::holds) {}
    step_judgement(step_verdict v, bool leans_to_hold) : verdict(v), leans(leans_to_hold) {}
    step_verdict verdict;
    bool leans;  ///< the objective is met, as far as it was seen
};

/// Looks for the largest load at which an objective holds: doubles until it does not (a load that
/// is too small to be decided and leans to hold is no end of that), then halves what lies between,
/// then tests both ends of the bracket again. Pure: it says which load is to be
/// tried next and is told what came of it.
///
/// A load that stays undecided is an end of the bracket like one that fails, and marked so, unless
/// two loads around it that were decided are as near to each other as was asked for. Where nothing
/// holds, the smallest load that fails is the end, and what is undecided lies below it. An end that
/// says otherwise when it is tested again is believed then, and the search goes on from what is
/// left of the bracket.
class capacity_search {
  public:
    struct settings {
        double first = 1;
        double most = 1024;  ///< nothing beyond is tried
        bool whole = true;   ///< users; else a rate, of any size
        /// How near the ends are to come: those of a rate, and of users around undecided ones.
        double precision = 0.1;
        std::uint32_t longest = 40;  ///< steps
    };
    explicit capacity_search(const settings& s) : settings_(s) {}

    /// The next load to try; nothing when the search is over.
    [[nodiscard]] std::optional<double> next() const;
    void told(const step_judgement& j);

    struct end {
        double load = 0;
        step_verdict verdict = step_verdict::holds;
        bool tested_again = false;
    };
    /// The largest load that held, and the smallest that did not. An absent `low`: not even the
    /// smallest that could be tried held, as far as it was decided. An absent `high`: the largest
    /// allowed did.
    struct bracket {
        std::optional<end> low;
        std::optional<end> high;
    };
    [[nodiscard]] bracket found() const;

  private:
    struct tested {
        step_verdict last;
        std::uint32_t times;
        bool leans;
    };
    /// What the loads that were tried leave between them.
    struct remainder {
        std::optional<double> holds;  ///< the largest that did, below the first that failed
        std::optional<double> first_undecided;  ///< between the two
        std::optional<double> last_undecided;
        std::optional<double> fails;
    };
    [[nodiscard]] remainder left() const;
    [[nodiscard]] bool near(double low, double high) const;
    [[nodiscard]] std::optional<double> doubled() const;
    [[nodiscard]] std::optional<double> below(double high) const;
    [[nodiscard]] std::optional<double> between(double low, double high) const;
    [[nodiscard]] std::optional<double> around_undecided(const remainder& r) const;
    [[nodiscard]] std::optional<double> below_failure(const remainder& r) const;
    [[nodiscard]] std::optional<double> open_end() const;
    [[nodiscard]] std::optional<double> narrower(const remainder& r) const;

    settings settings_;
    std::map<double, tested> loads_;
    std::uint32_t steps_ = 0;
};

}  // namespace lmstress::analyze
