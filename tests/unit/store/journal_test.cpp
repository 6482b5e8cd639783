#include "store/journal.hpp"

#include "measure/level_fold.hpp"
#include "report/summary_json.hpp"
#include "store/record_json.hpp"
#include "store/run_json.hpp"
#include "support/records.hpp"
#include "support/sanitized.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
namespace fs = std::filesystem;
using store::journal;
using store::prepare_directory;
using store::rebuild;

namespace {

/// A directory of its own, gone with the test.
struct temporary_directory {
    temporary_directory() {
        std::string pattern = (fs::temp_directory_path() / "lmstress-journal-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path = pattern;
    }
    ~temporary_directory() {
        std::error_code ec;
        fs::remove_all(path, ec);
    }
    temporary_directory(const temporary_directory&) = delete;

    fs::path path;
};

void write(const fs::path& path, const std::string& content) {
    std::ofstream{path, std::ios::binary} << content;
}

std::string content_of(const fs::path& path) {
    const auto text = store::read_file(path);
    REQUIRE(text.has_value());
    return *text;
}

run_setup setup() {
    return {.id = "20260101-abcd",
            .started_unix_ns = 1'790'000'000'123'456'789,
            .started_monotonic_ns = 98'765'432'100,
            .seed = 17,
            .scenario_json = R"({"load":{"concurrency":[1,4]},"text":"a \"b\""})",
            .labels = {{"gpu", "none"}, {"note", "\"quoted\", ж"}},
            .server = {.software = "LM Studio",
                       .version = "0.4.16",
                       .build = "",
                       .runtimes = {"llama.cpp 1.3.0", "mlx 0.9"},
                       .hardware = server_hardware{.cpu = "",
                                                   .ram_bytes = 64ULL << 30U,
                                                   .gpus = {{"NVIDIA \"L4\"", 24ULL << 30U, "CUDA"},
                                                            {"other", 0, ""}}}},
            .file_hashes = {{"/workload/prompts", "00ff00ff00ff00ff"},
                            {"/workload/images/0", "0123456789abcdef"}}};
}

/// Two levels of requests of every sort, as a run would report them.
struct story {
    story() {
        levels = {test::level_setup_of(0, 1), test::level_setup_of(1, 4)};
        levels[1].server.parallel = {4, 4, "native models list"};
        levels[1].server.unified_kv = {true, {}, ""};
        levels[1].open = open_load{"gamma:0.5", 0.333333333, false};
        levels[1].left_out = {"min_p", "the \"system\" prompt"};
        levels[1].server.context_length = {{}, 8192, "x"};
        sparse_histogram lag;
        lag.record(30us, 7);
        courses = {
            {.window_begin = 1s,
             .window_end = 9s,
             .client =
                 client_figures{.cpu = 2s, .wall = 9s, .max_rss_bytes = 1 << 20, .read_lag = lag}},
            {.window_begin = 10s,
             .window_end = 19s,
             .client = client_figures{
                 .cpu = 3s, .wall = 10s, .max_rss_bytes = 1 << 21, .read_lag = lag}}};
        courses[1].in_flight_time = 12'345'678'901ns;
        for (std::uint64_t i = 0; i < 40; ++i) records.push_back(record(i));
    }

    static request_record record(std::uint64_t i) {
        const nanoseconds sent{static_cast<std::int64_t>(i) * 470'000'003};
        request_record r =
            test::completed_record(sent, {sent + 123'456'789ns, sent + 140ms, sent + 170ms});
        r.request_id = std::to_string(i) + "-abcd";
        r.index = i;
        r.level = i < 20 ? 0 : 1;
        r.phase = i % 9 == 0 ? run_phase::warmup : run_phase::measured;
        r.answered_by = "google/gemma-4-e4b";
        if (i % 5 == 1) {
            r.cache_creation_tokens = i;
            r.draft = draft_counts{4, 3, 1, 0, "tiny"};
            r.engine = engine_facts{.arch = "granite",
                                    .quant = "",
                                    .format = "gguf",
                                    .context_length = 4096 + i,
                                    .runtime = "llama.cpp",
                                    .runtime_version = "1.3.0"};
            r.stop_reason = "eosFound";
        }
        r.input_tokens = 30 + i;
        r.output_tokens = 3 + i % 4;
        r.tokens_from = i % 4 < 2 ? token_source::events : token_source::average;
        r.server_ttft_ms = 100.1 + 1.0 / static_cast<double>(i + 1);
        r.server_tokens_per_second = 1000.0 / static_cast<double>(3 * i + 7);
        r.kernel_stamps = 5;
        if (i % 7 == 3) {
            r.ended = outcome::failed;
            r.error = request_error{.kind = failure_kind::engine_failed,
                                    .http_status = 400,
                                    .message = "bad \xFF bytes, number " + std::to_string(i)};
        }
        if (i % 11 == 5) {
            r.ended = outcome::censored;
            r.output_tokens = {};
        }
        return r;
    }

    /// As the journal is told of it, and as the summary is made meanwhile.
    run_summary tell(journal& j) const {
        run_summary live;
        live.setup = setup();
        j.run(live.setup);
        for (std::size_t level = 0; level < levels.size(); ++level) {
            measure::level_fold fold{levels[level]};
            j.level_begin(levels[level], {.window_begin = courses[level].window_begin});
            for (const auto& r : records) {
                if (r.level != level) continue;
                j.request(r);
                fold.add(r);
            }
            j.level_end(levels[level], courses[level]);
            live.levels.push_back(fold.result(courses[level]));
        }
        j.run_end(4, "");
        live.exit_code = 4;
        REQUIRE(j.flush().has_value());
        return live;
    }

    std::vector<level_setup> levels;
    std::vector<level_course> courses;
    std::vector<request_record> records;
};

/// Both files of a story, written down.
struct written {
    written() {
        auto j = journal::open(directory.path);
        REQUIRE(j.has_value());
        live = told.tell(**j);
    }
    [[nodiscard]] fs::path requests() const { return directory.path / "requests.jsonl"; }
    [[nodiscard]] fs::path notes() const { return directory.path / "run.jsonl"; }

    temporary_directory directory;
    story told;
    run_summary live;
};

}  // namespace

TEST_CASE("journal: a missing directory is made, parents and all, and an empty one is taken") {
    const temporary_directory t;
    CHECK(prepare_directory(t.path / "a" / "b").has_value());
    CHECK(fs::is_directory(t.path / "a" / "b"));
    CHECK(prepare_directory(t.path / "a" / "b").has_value());
}

TEST_CASE("journal: a directory with a result, or with anything else, is refused") {
    const temporary_directory t;
    for (const std::string name : {"requests.jsonl", "summary.json", "holiday.jpg"}) {
        CAPTURE(name);
        const fs::path directory = t.path / (std::string{name} + ".d");
        fs::create_directory(directory);
        write(directory / name, "x");
        const auto refused = prepare_directory(directory);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == errc::usage);
        CHECK_FALSE(refused.error().advice.empty());
        CHECK(content_of(directory / name) == "x");
    }
}

TEST_CASE("journal: a file in the place of the directory is refused, and so is one above it") {
    const temporary_directory t;
    write(t.path / "file", "x");
    REQUIRE(prepare_directory(t.path / "file").has_error());
    REQUIRE(prepare_directory(t.path / "file" / "below").has_error());
    CHECK(prepare_directory(t.path / "file").error().code == errc::usage);
    CHECK(prepare_directory(t.path / "file" / "below").error().code == errc::output);
}

TEST_CASE("journal: lines are in the files in the order in which they were handed over") {
    const written w;
    std::string requests;
    for (const auto& r : w.told.records) requests += store::to_line(r);
    CHECK(content_of(w.requests()) == requests);
    CHECK(content_of(w.notes()) ==
          store::run_line(setup()) +
              store::level_begin_line(w.told.levels[0], {.window_begin = 1s}) +
              store::level_end_line(w.told.levels[0], w.told.courses[0]) +
              store::level_begin_line(w.told.levels[1], {.window_begin = 10s}) +
              store::level_end_line(w.told.levels[1], w.told.courses[1]) +
              store::run_end_line(4, ""));
}

TEST_CASE("journal: what was handed over is written even without a flush") {
    const temporary_directory t;
    {
        const auto j = journal::open(t.path);
        REQUIRE(j.has_value());
        for (int i = 0; i < 1000; ++i) (*j)->run_end(i, "");
    }
    std::string expected;
    for (int i = 0; i < 1000; ++i) expected += store::run_end_line(i, "");
    CHECK(content_of(t.path / "run.jsonl") == expected);
}

TEST_CASE("journal: a second one in the same directory is refused") {
    const temporary_directory t;
    const auto first = journal::open(t.path);
    REQUIRE(first.has_value());
    const auto second = journal::open(t.path);
    REQUIRE(second.has_error());
    CHECK(second.error().code == errc::output);
    CHECK(journal::open(t.path / "missing").has_error());
}

TEST_CASE("journal: what is rebuilt from it is the live summary, byte for byte") {
    const written w;
    const auto again = rebuild(w.directory.path);
    REQUIRE(again.has_value());
    CHECK(again->skipped_lines == 0);
    CHECK(report::summary_json(again->summary) == report::summary_json(w.live));
}

TEST_CASE("journal: random records are rebuilt to the live summary, byte for byte") {
    const temporary_directory t;
    measure::level_fold fold{test::level_setup_of(0)};
    run_summary live;
    {
        const auto j = journal::open(t.path);
        REQUIRE(j.has_value());
        live.setup = setup();
        (*j)->run(live.setup);
        (*j)->level_begin(test::level_setup_of(0), {});
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            request_record r = test::random_record(seed);
            r.index = seed;
            r.level = 0;
            // What would add up to more than a count can hold is no test of this.
            r.events %= 1000;
            r.window_events %= 1000;
            for (auto* n :
                 {&r.input_tokens, &r.cached_tokens, &r.output_tokens, &r.reasoning_tokens}) {
                if (*n) **n %= 100'000;
            }
            (*j)->request(r);
            fold.add(r);
        }
        (*j)->level_end(test::level_setup_of(0), {.window_begin = 1s, .window_end = 3s});
    }
    live.levels.push_back(fold.result({.window_begin = 1s, .window_end = 3s}));
    const auto again = rebuild(t.path);
    REQUIRE(again.has_value());
    CHECK(again->skipped_lines == 0);
    CHECK(report::summary_json(again->summary) == report::summary_json(live));
}

// Sanitizers make a hundred times the work of it.
constexpr std::size_t step = test::sanitized ? 7 : 1;

TEST_CASE("journal: requests cut at any byte of the last two lines are rebuilt without them") {
    const written w;
    const std::string whole = content_of(w.requests());
    const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
    const std::size_t last_but_one = whole.rfind('\n', last - 2) + 1;
    for (std::size_t n = last_but_one; n <= whole.size(); n += step) {
        CAPTURE(n);
        write(w.requests(), whole.substr(0, n));
        const auto again = rebuild(w.directory.path);
        REQUIRE(again.has_value());
        // A line without its line feed is whole all the same.
        const bool whole_lines =
            n == last_but_one || n + 1 == last || n == last || n + 1 >= whole.size();
        REQUIRE(again->skipped_lines == (whole_lines ? 0 : 1));
        const std::uint64_t lost = n + 1 >= whole.size() ? 0 : n + 1 >= last ? 1 : 2;
        REQUIRE(again->summary.levels[0].requests.offered == w.live.levels[0].requests.offered);
        REQUIRE(again->summary.levels[1].requests.offered ==
                w.live.levels[1].requests.offered - lost);
        REQUIRE(again->summary.levels[1].requests.add_up());
    }
}

TEST_CASE("journal: notes cut at any byte are rebuilt as far as they tell, or refused") {
    const written w;
    const std::string whole = content_of(w.notes());
    const std::size_t first = whole.find('\n') + 1;
    const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
    for (std::size_t n = 0; n < whole.size(); n += step) {
        CAPTURE(n);
        write(w.notes(), whole.substr(0, n));
        const auto again = rebuild(w.directory.path);
        REQUIRE(again.has_value() == (n >= first));
        if (n < first) REQUIRE(again.error().code == errc::bad_file);
        if (n < first) continue;
        REQUIRE_FALSE(again->summary.exit_code);
        REQUIRE_FALSE(report::summary_json(again->summary).empty());
        if (n >= last) {
            REQUIRE(again->summary.levels.size() == 2);
            REQUIRE(again->summary.levels[1].window_seconds == 9);
        }
    }
}

TEST_CASE("journal: the window of a level that was cut off reaches as far as its records") {
    const temporary_directory t;
    request_record r = test::completed_record(2s, {3s, 5s});
    r.moments.set(moment::end, 6s);
    write(t.path / "requests.jsonl", store::to_line(r));
    const auto window = [&](const level_course& planned) {
        write(t.path / "run.jsonl",
              store::run_line(setup()) + store::level_begin_line(test::level_setup_of(0), planned));
        const auto again = rebuild(t.path);
        REQUIRE(again.has_value());
        return again->summary.levels.at(0).window_seconds;
    };
    CHECK(window({.window_begin = 1s}) == 5);
    CHECK(window({.window_begin = 1s, .window_end = 20s}) == 5);
    CHECK(window({.window_begin = 1s, .window_end = 4s}) == 3);
    CHECK(window({.window_begin = 7s, .window_end = 9s}) == 0);
    CHECK(window({}) == 0);
}

TEST_CASE("journal: unreadable lines and records of no known level are skipped and counted") {
    const written w;
    const std::string whole = content_of(w.requests());
    request_record lost = test::completed_record(1s, {2s});
    lost.level = 2;
    write(w.requests(), "{}\n\nnonsense\n" + store::to_line(lost) + whole);
    const auto again = rebuild(w.directory.path);
    REQUIRE(again.has_value());
    CHECK(again->skipped_lines == 4);
    CHECK(report::summary_json(again->summary) == report::summary_json(w.live));
}

TEST_CASE("journal: notes that cannot be read are an error with the number of the line") {
    const written w;
    const std::string whole = content_of(w.notes());
    write(w.notes(), whole + "nonsense\n");
    const auto again = rebuild(w.directory.path);
    REQUIRE(again.has_error());
    CHECK(again.error().code == errc::bad_file);
    CHECK(again.error().message.find("run.jsonl line 7") != std::string::npos);
    write(w.notes(), whole + store::level_end_line(test::level_setup_of(5), {}));
    CHECK(rebuild(w.directory.path).has_error());
    write(w.notes(), whole + R"({"event":"of a later version"})" + "\n");
    CHECK(rebuild(w.directory.path).has_value());
}

TEST_CASE("journal: what is no regular file is written into, and a link stays one") {
    const temporary_directory t;
    const fs::path pipe = t.path / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::string came;
    std::thread reader{[&] { came = store::read_file(pipe).value(); }};
    CHECK(store::write_file(pipe, "through").has_value());
    reader.join();
    CHECK(came == "through");
    CHECK(fs::is_fifo(pipe));

    std::ofstream{t.path / "file"} << "old";
    fs::create_symlink("file", t.path / "link");
    CHECK(store::write_file(t.path / "link", "new").has_value());
    CHECK(fs::is_symlink(t.path / "link"));
    CHECK(store::read_file(t.path / "file").value() == "new");

    if (!fs::exists("/dev/full")) return;
    const auto full = store::write_file("/dev/full", "new");
    REQUIRE(full.has_error());
    CHECK(full.error().message.find("No space left") != std::string::npos);
    CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("journal: a directory without a journal holds no result") {
    const temporary_directory t;
    REQUIRE(rebuild(t.path).has_error());
    CHECK(rebuild(t.path).error().code == errc::bad_file);
    write(t.path / "run.jsonl", store::run_line(setup()));
    CHECK(rebuild(t.path).has_error());
    CHECK(rebuild(t.path / "missing").has_error());
}

TEST_CASE("journal: a file is written as a whole, over an older one, and leaves nothing beside") {
    const temporary_directory t;
    REQUIRE(store::write_file(t.path / "summary.json", "old and longer").has_value());
    REQUIRE(store::write_file(t.path / "summary.json", "new").has_value());
    CHECK(content_of(t.path / "summary.json") == "new");
    CHECK(std::distance(fs::directory_iterator{t.path}, fs::directory_iterator{}) == 1);
}

TEST_CASE("journal: a full disk is an error and leaves the older file as it was") {
    const temporary_directory t;
    write(t.path / "summary.json", "old");
    fs::create_symlink("/dev/full", t.path / "summary.json.new");
    const auto full = store::write_file(t.path / "summary.json", "new");
    REQUIRE(full.has_error());
    CHECK(full.error().code == errc::output);
    CHECK(full.error().message.find("No space left") != std::string::npos);
    CHECK(content_of(t.path / "summary.json") == "old");
    CHECK_FALSE(fs::exists(fs::symlink_status(t.path / "summary.json.new")));
    CHECK(store::write_file(t.path / "missing" / "summary.json", "new").has_error());
}

TEST_CASE("journal: when a file may grow no further, flush() says so and keeps saying so") {
    const temporary_directory t;
    const auto j = journal::open(t.path);
    REQUIRE(j.has_value());
    (*j)->run_end(0, "");
    REQUIRE((*j)->flush().has_value());
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{.rlim_cur = 10, .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    (*j)->run_end(1, "");
    const auto full = (*j)->flush();
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    REQUIRE(full.has_error());
    CHECK(full.error().code == errc::output);
    (*j)->run_end(2, "");
    CHECK((*j)->flush().has_error());
    CHECK(content_of(t.path / "run.jsonl") == store::run_end_line(0, ""));
}
