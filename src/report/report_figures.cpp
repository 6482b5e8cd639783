#include "report/report_figures.hpp"

namespace lmstress::report {

using analyze::sweep_figure;

const std::vector<sweep_figure>& report_figures() {
    static const std::vector<sweep_figure> all = [] {
        std::vector<sweep_figure> out;
        for (const sweep_figure& f : analyze::sweep_figures()) out.push_back(f);
        for (const sweep_figure& f : analyze::further_figures()) out.push_back(f);
        return out;
    }();
    return all;
}

std::string_view name_of(const sweep_figure& f) noexcept {
    const std::string_view whole = f.name;
    return whole.substr(0, whole.find(", "));
}

std::string name_of(const sweep_figure& f, const level_setup& level) {
    std::string out{name_of(f)};
    const std::string_view metric = f.metric == nullptr ? "" : f.metric;
    if (!level.open || (metric != "ttft_ms" && metric != "e2e_ms")) return out;
    return out.insert(out.rfind(' '), " from the arrival");
}

bool has_interval(const sweep_figure& f) noexcept {
    return f.around != nullptr;
}

std::string_view unit_of(const sweep_figure& f) noexcept {
    const std::string_view whole = f.name;
    const std::size_t comma = whole.find(", ");
    return comma == std::string_view::npos ? std::string_view{} : whole.substr(comma + 2);
}

}  // namespace lmstress::report
