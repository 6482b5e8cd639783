// Faults as they are asked for, and which requests they strike.

#include "sim/fault.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using lmstress::errc;
using namespace lmstress::sim;

namespace {

std::vector<std::optional<fault>> draw(fault_plan plan, int times) {
    std::vector<std::optional<fault>> out;
    for (int i = 0; i < times; ++i) out.push_back(plan.next());
    return out;
}

}  // namespace

TEST_CASE("fault: every kind of the table is read by its name, and fits a line of --help") {
    std::size_t place = 0;
    for (const fault_row& row : fault_table()) {
        CAPTURE(row.name);
        CHECK(static_cast<std::size_t>(row.kind) == place++);
        const auto share = parse_fault(row.name);
        REQUIRE(share.has_value());
        CHECK(share->kind == row.kind);
        CHECK(share->rate == 1.0);
        CHECK(row.does.ends_with('.'));
    }
    std::istringstream lines{describe_faults()};
    for (std::string line; std::getline(lines, line); --place) CHECK(line.size() <= 80);
    CHECK(place == 0);
}

TEST_CASE("fault: the documentation has every kind, in the words of the table") {
    std::ifstream file{TEST_DATA "/../../docs/simulator.md"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    for (const fault_row& row : fault_table()) {
        const std::string line =
            "| `" + std::string{row.name} + "` | " + std::string{row.does} + " | ";
        CAPTURE(line);
        CHECK(text.find(line) != std::string::npos);
    }
}

TEST_CASE("fault: a rate is a number from 0 to 1") {
    CHECK(parse_fault("reset-mid:0.1")->rate == 0.1);
    CHECK(parse_fault("429:0")->rate == 0);
    CHECK(parse_fault("429:1")->rate == 1);
    CHECK(parse_fault("429:5e-2")->rate == 0.05);
    for (const char* bad : {"stall:", "stall:1.01", "stall:-0.1", "stall:nan", "stall:inf",
                            "stall:0.1x", "stall: 0.1", "stall:0.1:0.1", "stall:10%"}) {
        CAPTURE(bad);
        const auto share = parse_fault(bad);
        REQUIRE(share.has_error());
        CHECK(share.error().code == errc::usage);
        CHECK(share.error().message ==
              "--fault " + std::string{bad} + ": the rate is not a number from 0 to 1");
        CHECK(share.error().advice == "As in stall:0.1, a tenth of the chat requests.");
    }
}

TEST_CASE("fault: a wrong name is answered with the nearest right one") {
    const std::map<std::string, std::string> meant = {{"reset-mdi", "reset-mid"},
                                                      {"resetbefore:0.5", "reset-before"},
                                                      {"malformed", "malformed-frame"},
                                                      {"503", "500"},
                                                      {"Stall", "stall"},
                                                      {"html500", "html-500"},
                                                      {"byte_by_byte", "byte-by-byte"}};
    for (const auto& [wrong, right] : meant) {
        CAPTURE(wrong);
        const auto share = parse_fault(wrong);
        REQUIRE(share.has_error());
        CHECK(share.error().code == errc::usage);
        CHECK(share.error().advice.starts_with("Did you mean " + right + "?"));
    }
    CHECK(parse_fault("reset-mdi:0.1").error().message ==
          "--fault: there is no fault \"reset-mdi\"");
    CHECK(parse_fault("").has_error());
    CHECK(parse_fault(":0.5").has_error());
}

TEST_CASE("fault: several have shares of all requests, and not of more") {
    using texts = std::vector<std::string>;
    const auto two = parse_faults(texts{"reset-mid:0.1", "429:0.05"});
    REQUIRE(two.has_value());
    REQUIRE(two->size() == 2);
    CHECK((*two)[1].kind == fault::status_429);
    CHECK(parse_faults(texts{})->empty());
    CHECK(parse_faults(texts(10, "stall:0.1")).has_value());  // more than 1 in binary, or less
    CHECK(parse_faults(texts{"stall:0.7", "500:0.2", "401:0.1"}).has_value());
    for (const texts& bad :
         {texts{"stall", "429:0.05"}, texts{"stall:0.6", "stall:0.6"}, texts{"stall", "500"}}) {
        const auto shares = parse_faults(bad);
        REQUIRE(shares.has_error());
        CHECK(shares.error().code == errc::usage);
        CHECK(shares.error().message.starts_with("--fault: the rates add up to"));
    }
    CHECK(parse_faults(texts{"stall:0.1", "nonsense"}).error().message ==
          "--fault: there is no fault \"nonsense\"");
}

TEST_CASE("fault plan: each kind has exactly its share, beside the others") {
    const fault_plan plan{{{fault::reset_mid, 0.25}, {fault::status_429, 0}, {fault::stall, 0.5}},
                          1};
    CHECK(plan.of(0) == fault::reset_mid);
    CHECK(plan.of(0.2499999) == fault::reset_mid);
    CHECK(plan.of(0.25) == fault::stall);
    CHECK(plan.of(0.7499999) == fault::stall);
    CHECK(plan.of(0.75) == std::nullopt);
    CHECK(plan.of(0.9999999) == std::nullopt);
}

TEST_CASE("fault plan: as many strike as the rates say, all at 1 and none at 0") {
    std::map<std::optional<fault>, int> struck;
    for (const auto& f : draw({{{fault::reset_mid, 0.1}, {fault::stall, 0.3}}, 1}, 100'000)) {
        ++struck[f];
    }
    // Three standard deviations of a binomial count.
    CHECK(struck[fault::reset_mid] == doctest::Approx(10'000).epsilon(0.03));
    CHECK(struck[fault::stall] == doctest::Approx(30'000).epsilon(0.015));
    CHECK(struck.size() == 3);
    for (const auto& f : draw({{{fault::stall, 1.0}}, 1}, 1000)) CHECK(f == fault::stall);
    for (const auto& f : draw({{{fault::stall, 0.0}}, 1}, 1000)) CHECK_FALSE(f);
    for (const auto& f : draw({{}, 1}, 10)) CHECK_FALSE(f);
}

TEST_CASE("fault plan: the same seed strikes the same requests, another one others") {
    const std::vector<fault_share> shares = {{fault::reset_mid, 0.5}};
    CHECK(draw({shares, 1}, 1000) == draw({shares, 1}, 1000));
    CHECK(draw({shares, 1}, 1000) != draw({shares, 2}, 1000));
    // On every platform: the numbers of the standard's generator, written down here.
    std::string first;
    for (const auto& f : draw({shares, 1}, 16)) first += f ? 'x' : '.';
    CHECK(first == "xxxxx.xx..x..xxx");
}
