// Our text of Prometheus' format beside that of prometheus-cpp's serialiser, of the same metrics.
// The program itself does not link that library: Debian has it as a shared one only, and the binary
// is to run where nothing is installed. Where they are known to differ, theirs leaves a line feed
// in a help text as it is, and writes the largest numbers with 16 digits.

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "report/prometheus_text.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <prometheus/labels.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <string>
#include <vector>

namespace {

using lmstress::report::prometheus_text;

const std::vector<std::string> texts = {"plain",
                                        "",
                                        "a \"quoted\" one",
                                        "back\\slash",
                                        "two\nlines",
                                        "<script>alert(1)</script>",
                                        "qwen/qwen3-4b \xC3\xA9"};
const std::vector<double> numbers = {0,
                                     1,
                                     -1,
                                     0.25,
                                     1e9,
                                     123456789012345.0,
                                     std::numeric_limits<double>::infinity(),
                                     -std::numeric_limits<double>::infinity(),
                                     std::numeric_limits<double>::quiet_NaN()};

std::string theirs() {
    prometheus::MetricFamily gauge{
        "a_seconds", "What it \"is\"", prometheus::MetricType::Gauge, {}};
    prometheus::MetricFamily counter{"b_total", "Counted", prometheus::MetricType::Counter, {}};
    for (const double n : numbers) {
        prometheus::ClientMetric m;
        m.gauge.value = n;
        gauge.metric.push_back(m);
    }
    for (const std::string& text : texts) {
        prometheus::ClientMetric m;
        m.label = {{"model", text}, {"run_id", "k"}};
        m.counter.value = 3;
        counter.metric.push_back(m);
    }
    return prometheus::TextSerializer{}.Serialize({gauge, counter});
}

std::string ours() {
    prometheus_text out;
    out.gauge("a_seconds", "What it \"is\"");
    for (const double n : numbers) out.sample(n);
    out.counter("b_total", "Counted");
    for (const std::string& text : texts) out.sample(3, {{"model", text}, {"run_id", "k"}});
    return std::move(out).take();
}

/// Its lines, and the numbers of samples as numbers: 1e+09 and 1000000000 are the same.
std::vector<std::pair<std::string, double>> read(const std::string& text) {
    std::vector<std::pair<std::string, double>> out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        const std::size_t blank = line.rfind(' ');
        const bool comment = line.starts_with('#');
        const std::string value = comment ? "0" : line.substr(blank + 1);
        double n = value == "Nan" || value == "NaN" ? -7.5 : std::stod(value);
        out.emplace_back(comment ? line : line.substr(0, blank), n);
        at = end + 1;
    }
    return out;
}

}  // namespace

TEST_CASE("Prometheus text: as prometheus-cpp writes the same metrics") {
    const auto mine = read(ours());
    const auto expected = read(theirs());
    REQUIRE(mine.size() == expected.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
        CAPTURE(i);
        CHECK(mine[i].first == expected[i].first);
        CHECK(mine[i].second == expected[i].second);
    }
}
