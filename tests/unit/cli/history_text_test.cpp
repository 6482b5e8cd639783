#include "cli/history_text.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace lmstress;

namespace {

/// The line of the page of a run that says what it is worth.
std::string state_said(std::string state, std::optional<std::int64_t> exit_code) {
    store::history_entry run;
    run.state = std::move(state);
    run.exit_code = exit_code;
    const std::string page = cli::history_page(run, true);
    const std::size_t at = page.find("state");
    if (at == std::string::npos) return {};
    const std::size_t begin = page.find_first_not_of(' ', at + 5);
    return page.substr(begin, page.find('\n', at) - begin);
}

}  // namespace

TEST_CASE("history text: what all APIs came to together stands first, and alone has a speed") {
    store::history_entry run;
    run.levels = {
        {.api = "lmstudio", .streams = 4, .offered = 10},
        {.api = "ollama", .streams = 4, .offered = 10},
        {.api = "lmstudio, ollama", .streams = 4, .offered = 20, .output_tokens_per_second = 1218}};
    const std::string page = cli::history_page(run, true);
    CAPTURE(page);
    const std::size_t together = page.find("all APIs together");
    REQUIRE(together != page.npos);
    CHECK(together < page.find("lmstudio"));
    CHECK(page.find("lmstudio, ollama") == page.npos);
    CHECK(page.find("1218") == page.rfind("1218"));
    const std::string row = cli::history_table({&run, 1}, 1);
    CHECK(row.find("1218") != row.npos);
}

TEST_CASE("history text: a result is worth what its report says, and how it ended is told apart") {
    CHECK(state_said("measured", 0) == "");
    CHECK(state_said("undecided", 6) == "undecided");
    CHECK(state_said("threshold_failed", 4) == "a threshold failed");
    CHECK(state_said("not_valid", 5) == "not valid");
    CHECK(state_said("not_valid", 130) == "not valid, interrupted");
    CHECK(state_said("cut_short", 130) == "interrupted");
    CHECK(state_said("cut_short", std::nullopt) == "killed");
    CHECK(state_said("cut_short", 4) == "cut short");
    CHECK(state_said("not_measured", 3) == "not measured");
}
