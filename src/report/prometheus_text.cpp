#include "report/prometheus_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace lmstress::report {
namespace {

/// In a help text a quotation mark stands for itself, in a label's value it does not.
std::string escaped(std::string_view text, bool label) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '"' && label) {
            out += "\\\"";
        } else {
            out += c;
        }
    }
    return out;
}

std::string number(double v) {
    if (std::isnan(v)) return "NaN";
    if (std::isinf(v)) return v > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", v);
}

}  // namespace

prometheus_text& prometheus_text::counter(std::string_view name, std::string_view help) {
    family(name, "counter", help);
    return *this;
}

prometheus_text& prometheus_text::gauge(std::string_view name, std::string_view help) {
    family(name, "gauge", help);
    return *this;
}

prometheus_text& prometheus_text::summary(std::string_view name, std::string_view help) {
    family(name, "summary", help);
    return *this;
}

void prometheus_text::family(std::string_view name, std::string_view type, std::string_view help) {
    family_ = name;
    out_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, escaped(help, false), type);
}

void prometheus_text::line(std::string_view suffix, double value, const labels& of) {
    out_ += family_;
    out_ += suffix;
    for (std::size_t i = 0; i < of.size(); ++i) {
        out_ += fmt::format("{}{}=\"{}\"", i == 0 ? "{" : ",", of[i].first,
                            escaped(of[i].second, true));
    }
    out_ += fmt::format("{} {}\n", of.empty() ? "" : "}", number(value));
}

prometheus_text& prometheus_text::sample(double value, const labels& of) {
    line("", value, of);
    return *this;
}

prometheus_text& prometheus_text::total(double sum, double count, const labels& of) {
    line("_sum", sum, of);
    line("_count", count, of);
    return *this;
}

}  // namespace lmstress::report
