#include "cli/stored_run.hpp"

#include "report/summary_json.hpp"
#include "store/record_json.hpp"
#include "store/run_json.hpp"
#include "support/child_process.hpp"
#include "support/virtual_level.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace lmstress;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A run of one level in virtual time, as it lies in a directory.
class written_run {
  public:
    written_run() {
        test::virtual_setup setup;
        setup.scenario.load.concurrency = {2};
        setup.scenario.load.duration = 5s;
        const auto level = test::virtual_level(setup);
        run_summary run;
        run.setup.id = "r";
        run.setup.scenario_json = "{}";
        run.levels.push_back(level.summary);
        const level_setup& s = level.summary.setup;
        notes_ = store::run_line(run.setup) + store::level_begin_line(s, level.summary.course) +
                 store::level_end_line(s, level.summary.course) + store::run_end_line(0, "");
        for (const request_record& r : level.requests) requests_ += store::to_line(r);
        write("run.jsonl", notes_);
        write("requests.jsonl", requests_);
        write("summary.json", report::summary_json(run));
    }
    void write(const char* name, const std::string& content) const {
        std::ofstream{at() / name, std::ios::binary} << content;
    }
    [[nodiscard]] const fs::path& at() const { return directory_.path(); }
    [[nodiscard]] const std::string& notes() const { return notes_; }
    [[nodiscard]] const std::string& requests() const { return requests_; }

  private:
    test::temporary_directory directory_;
    std::string notes_;
    std::string requests_;
};

}  // namespace

TEST_CASE("stored run: one that is there to its end is whole") {
    const written_run run;
    const auto loaded = cli::load_whole_run(run.at());
    REQUIRE(loaded.has_value());
    CHECK(loaded->levels.size() == 1);
    CHECK(loaded->levels.front().requests.size() > 2);
    CHECK(cli::holds_run(run.at()));
}

TEST_CASE("stored run: what lost a part of its journals is none, though it can be read") {
    const written_run run;
    SUBCASE("half of its requests, in the middle of a line") {
        run.write("requests.jsonl", run.requests().substr(0, run.requests().size() / 2));
    }
    SUBCASE("its last request") {
        const std::size_t before = run.requests().rfind('\n', run.requests().size() - 2);
        run.write("requests.jsonl", run.requests().substr(0, before + 1));
    }
    SUBCASE("the end of the run") {
        const std::size_t before = run.notes().rfind('\n', run.notes().size() - 2);
        run.write("run.jsonl", run.notes().substr(0, before + 1));
    }
    SUBCASE("its summary, and requests that only that would tell of") {
        fs::remove(run.at() / "summary.json");
        run.write("requests.jsonl", run.requests().substr(0, run.requests().find('\n') + 1));
    }
    SUBCASE("its summary alone") {
        fs::remove(run.at() / "summary.json");
    }
    CHECK(cli::load_run(run.at()).has_value());
    CHECK_FALSE(cli::holds_run(run.at()));
}
