#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lmstress::report {

/// Writes metrics in the text format 0.0.4 of Prometheus. A family is named once, with its type and
/// what it is, and its samples follow.
///
/// Preconditions: names are [a-z_]+, each family comes once.
class prometheus_text {
  public:
    using labels = std::vector<std::pair<std::string_view, std::string>>;

    prometheus_text& counter(std::string_view name, std::string_view help);
    prometheus_text& gauge(std::string_view name, std::string_view help);
    /// Quantiles: only the samples of a summary may have the label `quantile`.
    prometheus_text& summary(std::string_view name, std::string_view help);
    /// Of the family that was named last. What is not a number is written as Prometheus spells it.
    prometheus_text& sample(double value, const labels& of = {});
    /// Of a summary: what its values add up to, and how many there are.
    prometheus_text& total(double sum, double count, const labels& of = {});
    [[nodiscard]] std::string take() && { return std::move(out_); }

  private:
    void family(std::string_view name, std::string_view type, std::string_view help);
    void line(std::string_view suffix, double value, const labels& of);

    std::string out_;
    std::string family_;
};

/// The `Content-Type` of such a text.
inline constexpr std::string_view prometheus_content_type =
    "text/plain; version=0.0.4; charset=utf-8";

}  // namespace lmstress::report
