// The log of HdrHistogram as its Java reference reads it: Debian's libhdrhistogram-java, whose
// HistogramLogProcessor prints what it found under a tag. Skipped where there is no Java, unless
// LMSTRESS_REQUIRE_NPM is set, as in .ci/run.

#include "cli/report_source.hpp"
#include "lmstress/histogram.hpp"
#include "measure/request_metrics.hpp"
#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

using namespace lmstress;
namespace fs = std::filesystem;

namespace {

constexpr const char* jar = "/usr/share/java/hdrhistogram.jar";

bool has_java() {
    return fs::exists(jar) && std::system("java -version > /dev/null 2>&1") == 0;
}

struct point {
    double value;
    double share;
    std::uint64_t count;  ///< at or below the value
};

/// What the reference prints of the values under a tag.
std::vector<point> reference_of(const std::string& log, const std::string& tag) {
    test::child_process java{{"java", "-Xmx256m", "-cp", jar,
                              "org.HdrHistogram.HistogramLogProcessor", "-i", log, "-tag", tag,
                              "-outputValueUnitRatio", "1", "-o", log + ".out"}};
    REQUIRE(java.wait() == 0);
    std::vector<point> out;
    std::istringstream lines{test::content_of(log + ".out.hgrm")};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        point p{};
        if (words >> p.value >> p.share >> p.count) out.push_back(p);
    }
    return out;
}

/// The same values, counted here.
dense_histogram counted(const std::vector<request_record>& requests, std::string_view metric) {
    dense_histogram h;
    for (const request_record& r : requests) {
        if (r.phase != run_phase::measured) continue;
        if (metric == "event_gap") {
            h.merge(r.gaps);
            continue;
        }
        const auto* m = measure::request_metric_named(std::string{metric} + "_ms");
        REQUIRE(m != nullptr);
        if (const auto v = m->of(r)) h.record(nanoseconds{std::llround(*v * 1e6)});
    }
    return h;
}

std::uint64_t at_or_below(const dense_histogram& h, double us) {
    std::uint64_t n = 0;
    for (std::size_t i = 0; i < h.counts().size(); ++i) {
        if (static_cast<double>(histogram_layout::lowest_in(i)) <= us) n += h.counts()[i];
    }
    return n;
}

}  // namespace

TEST_CASE("hlog: the Java reference reads the same counts and quantiles from it") {
    if (!has_java()) {
        const bool required = std::getenv("LMSTRESS_REQUIRE_NPM") != nullptr;
        CHECK_MESSAGE(!required, "no java, or no libhdrhistogram-java (tools/setup ci)");
        MESSAGE("skipped: no java, or no libhdrhistogram-java (tools/setup ci)");
        return;
    }
    const test::temporary_directory here;
    const test::simulator sim{
        {"--parallel", "2", "--step-base", "2ms", "--step-per-stream", "1ms"}};
    const std::string run = (here.path() / "run1").string();
    const auto ran =
        test::run_lmstress({"run", "--url", sim.url(), "--concurrency", "1,4", "--requests", "40",
                            "--max-tokens", "12", "--out", run, "--quiet"});
    CAPTURE(ran.output);
    REQUIRE(fs::exists(run + "/summary.json"));
    const std::string log = (here.path() / "run1.hlog").string();
    REQUIRE(test::run_lmstress({"report", run, "--hlog", log}).exit_code == 0);
    const auto source = cli::load_source(run, "run1");
    REQUIRE(source.has_value());
    const auto& levels = source->runs.at(0).levels;
    REQUIRE(levels.size() == 2);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        for (const char* metric : {"ttft", "e2e", "event_gap"}) {
            const std::string tag = "run1.level" + std::to_string(i) + '.' + metric;
            CAPTURE(tag);
            const auto theirs = reference_of(log, tag);
            const dense_histogram ours = counted(levels[i].requests, metric);
            REQUIRE(theirs.size() > 5);
            for (const point& p : theirs) {
                CAPTURE(p.value);
                CAPTURE(p.share);
                CHECK(at_or_below(ours, p.value) == p.count);
                const auto here_us = ours.percentile(p.share * 100).count() / 1000;
                // Shares are printed with twelve digits: where one is rounded over a rank, the
                // value is that of the rank beside it.
                const auto beside_us = ours.percentile(p.share * 100 - 1e-9).count() / 1000;
                const bool same = static_cast<double>(here_us) == p.value ||
                                  static_cast<double>(beside_us) == p.value;
                CHECK(same);
            }
            CHECK(theirs.back().share == 1);
            CHECK(theirs.back().count == ours.exact().total());
        }
    }
}
