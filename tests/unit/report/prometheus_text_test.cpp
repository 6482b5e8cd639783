#include "report/prometheus_text.hpp"

#include <doctest/doctest.h>

#include <limits>

using lmstress::report::prometheus_text;

TEST_CASE("Prometheus text: families with their samples, and what must be escaped") {
    prometheus_text out;
    out.gauge("a_seconds", "What it \"is\",\nin \\ lines.").sample(0.25);
    out.counter("b_total", "Counted.");
    out.sample(3, {{"model", "a\"b\\c\nd<script>"}, {"x", ""}});
    out.sample(1e21, {{"model", "y"}});
    CHECK(std::move(out).take() ==
          "# HELP a_seconds What it \"is\",\\nin \\\\ lines.\n# TYPE a_seconds gauge\n"
          "a_seconds 0.25\n# HELP b_total Counted.\n# TYPE b_total counter\n"
          "b_total{model=\"a\\\"b\\\\c\\nd<script>\",x=\"\"} 3\nb_total{model=\"y\"} 1e+21\n");
}

TEST_CASE("Prometheus text: what is no number, as Prometheus spells it") {
    prometheus_text out;
    out.gauge("g", "h");
    out.sample(std::numeric_limits<double>::quiet_NaN());
    out.sample(std::numeric_limits<double>::infinity());
    out.sample(-std::numeric_limits<double>::infinity());
    CHECK(std::move(out).take() == "# HELP g h\n# TYPE g gauge\ng NaN\ng +Inf\ng -Inf\n");
}
