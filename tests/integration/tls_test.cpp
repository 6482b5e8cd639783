// https: the built-in server behind a real TLS endpoint.

#include "support/child_process.hpp"
#include "support/tls_proxy.hpp"
#include "support/truth.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

std::uint16_t port_of(const std::string& url) {
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

}  // namespace

TEST_CASE("tls: a certificate is verified, or not if told so, and events have kernel times") {
    const test::temporary_directory directory;
    const std::string log = directory.path() / "truth.jsonl";
    test::simulator sim{{"--step-base", "20ms", "--truth-log", log}};
    const test::tls_proxy proxy{port_of(sim.url()), directory.path()};
    const auto run = [&](const std::string& out, std::vector<std::string> more) {
        std::vector<std::string> arguments = {
            "run", "--url",        proxy.url(), "--concurrency", "4",     "--requests",
            "12",  "--max-tokens", "10",        "--events",      "--out", directory.path() / out};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return test::run_lmstress(arguments);
    };
    const auto refused = run("refused", {});
    CHECK(refused.exit_code == 3);
    CHECK(refused.output.find("certificate is not trusted") != std::string::npos);
    CHECK(run("insecure", {"--insecure"}).exit_code == 0);
    const auto trusted = run("trusted", {"--ca-file", proxy.certificate()});
    CAPTURE(trusted.output);
    REQUIRE(trusted.exit_code == 0);
    CHECK(run("no-file", {"--ca-file", "/nowhere.pem"}).exit_code == 2);

    sim.stop();
    const auto records = test::read_records(directory.path() / "trusted");
    const auto e = test::compare(records, log);
    CHECK(e.requests == 12);
    CHECK(std::abs(e.gap_ms->p50 - e.true_gap_ms->p50) <= 20 + 0.1 * e.true_gap_ms->p50);
    MESSAGE("through a TLS proxy: gap p50 ", e.gap_ms->p50, " (true ", e.true_gap_ms->p50,
            ") ms, p99 of its errors ", 1000 * e.gap_error_ms->p99, " us");
#if defined(__linux__) && !defined(LMSTRESS_PORTABLE)
    for (const auto& r : records) {
        CHECK(r.kernel_stamps > 0);
        CHECK(r.events > 0);
        CHECK(r.user_events == 0);
        CHECK(r.connection.has_value());
    }
#endif
}

TEST_CASE("tls: https to a server that speaks plain HTTP is said so") {
    test::simulator sim;
    const auto run = test::run_lmstress(
        {"run", "--url", "https://127.0.0.1:" + std::to_string(port_of(sim.url()))});
    CHECK(run.exit_code == 3);
    CAPTURE(run.output);
    CHECK(run.output.starts_with("lmstress: no TLS connection to https://"));
}
