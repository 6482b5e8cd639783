#include "store/history.hpp"

#include "store/history_json.hpp"
#include "store/journal.hpp"
#include "store/run_json.hpp"
#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace lmstress;
namespace fs = std::filesystem;

namespace {

/// Without its error, which doctest cannot show.
template <class T>
bool ok(const result<T>& r) {
    return r.has_value();
}

store::history open(const fs::path& file) {
    auto h = store::history::open(file);
    REQUIRE_MESSAGE(h.has_value(), (h ? "" : h.error().message));
    return *std::move(h);
}

store::history_entry some_run(const std::string& directory) {
    store::history_entry e{.directory = directory, .run_id = "k3x9" + directory};
    e.started_unix_ns = 1'796'000'000'123'456'789;
    e.exit_code = 4;
    e.valid = false;
    e.state = "not_valid";
    e.url = "http://127.0.0.1:1234";
    e.api = "lmstudio";
    e.model = "qwen/qwen3-4b";
    e.quantization = "Q4_K_M";
    e.server = "LM Studio 0.4.16";
    e.parallel = 4;
    e.unified_kv = false;
    e.labels = {{"machine", "m4"}, {"note", "a \"quoted\" one\nwith a line"}};
    e.tags = {"before"};
    e.about_model =
        model_facts{.key = "qwen/qwen3-4b", .architecture = "qwen3", .size_bytes = 2'497'280'000};
    e.levels.push_back({.index = 0, .api = "lmstudio", .model = "qwen/qwen3-4b", .streams = 2});
    e.levels.push_back({.index = 1,
                        .api = "lmstudio",
                        .model = "qwen/qwen3-4b",
                        .rate = 2.5,
                        .offered = 32,
                        .completed = 30,
                        .failed = 2,
                        .output_tokens_per_second = 213.4,
                        .ttft_p95_ms = 812.25});
    return e;
}

std::string summary_of(store::history& h, std::int64_t id) {
    const auto text = h.summary_of(id);
    REQUIRE(ok(text));
    return text->value_or("none");
}

/// A row that version 1 wrote.
void put_into_version_1(const fs::path& file) {
    auto db = store::sqlite::open(file, std::chrono::seconds{1});
    REQUIRE(ok(db));
    db->run(
        "INSERT INTO runs (directory, run_id, kind, part_of, started_unix_ns, exit_code, valid,"
        " ended_early, url, api, model, quantization, server, parallel, unified_kv,"
        " context_length, labels, summary) VALUES ('/old', 'old1', 'sweep', '/of', 5, 0, 1, '',"
        " 'http://x', 'lmstudio', 'm', 'Q8_0', 'LM Studio', 2, NULL, 4096, '{\"a\":\"b\"}',"
        " '{\"v\":1}');"
        "INSERT INTO levels (run, level, api, model, streams, offered, completed, failed)"
        " VALUES (1, 0, 'lmstudio', 'm', 3, 9, 8, 1);"
        "INSERT INTO tags (run, tag) VALUES (1, 'kept')");
    REQUIRE(ok(db->failed()));
}

}  // namespace

TEST_CASE("history: what is put comes back, all of it") {
    const test::temporary_directory directory;
    auto h = open(directory.path() / "deep" / "history.db");
    const store::history_entry e = some_run("/results/a");
    const auto id = h.put(e, R"({"schema":"lmstress.summary/1"})");
    REQUIRE(ok(id));
    const auto all = h.list({});
    REQUIRE(ok(all));
    REQUIRE(all->size() == 1);
    const store::history_entry& back = all->front();
    CHECK(back.id == *id);
    CHECK(back.directory == e.directory);
    CHECK(back.run_id == e.run_id);
    CHECK(back.started_unix_ns == e.started_unix_ns);
    CHECK(back.exit_code == e.exit_code);
    CHECK_FALSE(back.valid);
    CHECK(back.state == "not_valid");
    CHECK(back.model == e.model);
    CHECK(back.quantization == e.quantization);
    CHECK(back.server == e.server);
    CHECK(back.parallel == e.parallel);
    CHECK(back.unified_kv == e.unified_kv);
    CHECK_FALSE(back.context_length);
    CHECK(back.labels == e.labels);
    CHECK(back.tags == e.tags);
    CHECK(back.levels == e.levels);
    CHECK(back.about_model == e.about_model);
    CHECK(summary_of(h, *id) == R"({"schema":"lmstress.summary/1"})");
}

TEST_CASE("history: a directory that is put again keeps its number and its tags") {
    const test::temporary_directory directory;
    auto h = open(directory.path() / "history.db");
    store::history_entry e = some_run("/results/a");
    const auto first = h.put(e, "{}");
    REQUIRE(ok(h.put(some_run("/results/b"), "{}")));
    e.tags.clear();
    e.levels.pop_back();
    e.about_model.reset();
    e.exit_code = 0;
    const auto again = h.put(e, R"({"new":true})");
    REQUIRE(ok(again));
    CHECK(*again == *first);
    const auto back = h.list({.id = *first});
    REQUIRE(back->size() == 1);
    CHECK(back->front().exit_code == 0);
    CHECK(back->front().levels.size() == 1);
    CHECK(back->front().tags == std::vector<std::string>{"before"});
    CHECK_FALSE(back->front().about_model);
    CHECK(summary_of(h, *first) == R"({"new":true})");
    CHECK(*h.count({}) == 2);
}

TEST_CASE("history: runs are asked for by what they are") {
    const test::temporary_directory directory;
    auto h = open(directory.path() / "history.db");
    for (int i = 0; i < 5; ++i) {
        store::history_entry e = some_run("/results/" + std::to_string(i));
        if (i % 2 == 0) e.model = "other";
        if (i == 3) e.kind = store::run_kind::sweep;
        if (i == 4) e.tags = {"after", "x"};
        e.started_unix_ns = i;
        REQUIRE(ok(h.put(e, "{}")));
    }
    const auto ids = [&](const store::history_filter& f) {
        std::vector<std::int64_t> out;
        for (const auto& e : *h.list(f)) out.push_back(e.id);
        return out;
    };
    using list = std::vector<std::int64_t>;
    CHECK(ids({}) == list{5, 4, 3, 2, 1});
    CHECK(ids({.limit = 2}) == list{5, 4});
    CHECK(ids({.before = 4, .limit = 2}) == list{3, 2});
    CHECK(ids({.model = "other"}) == list{5, 3, 1});
    CHECK(ids({.kind = store::run_kind::sweep}) == list{4});
    CHECK(ids({.tag = "x"}) == list{5});
    CHECK(ids({.since_unix_ns = 3}) == list{5, 4});
    CHECK(ids({.model = "' OR 1=1 --"}).empty());
    CHECK(ids({.model = "QWEN3"}) == list{4, 2});  // a part of it, in any case
    CHECK(*h.count({.model = "other", .limit = 1}) == 3);

    // One that was made long ago and is imported last.
    store::history_entry old = some_run("/results/old");
    old.started_unix_ns = 1;
    REQUIRE(ok(h.put(old, "{}")));
    CHECK(ids({}) == list{5, 4, 3, 6, 2, 1});
    CHECK(ids({.before = 3}) == list{6, 2, 1});
    CHECK(ids({.before = 6, .limit = 1}) == list{2});
}

TEST_CASE(
    "history: a result that was moved keeps its number and its tags, one that was copied has two") {
    const test::temporary_directory directory;
    auto h = open(directory.path() / "history.db");
    const fs::path before = directory.path() / "before";
    const fs::path after = directory.path() / "after";
    fs::create_directories(before);
    store::history_entry e = some_run(before.string());
    const auto first = h.put(e, "{}");
    REQUIRE(ok(first));
    fs::rename(before, after);
    e.directory = after.string();
    e.tags.clear();
    CHECK(*h.put(e, "{}") == *first);
    CHECK(*h.count({}) == 1);
    CHECK(h.list({})->front().directory == after.string());
    CHECK(h.list({})->front().tags == std::vector<std::string>{"before"});
    // Another run at another time is none that was moved, though its id is the same.
    store::history_entry other = e;
    fs::remove(after);
    other.directory = (directory.path() / "other").string();
    other.started_unix_ns += 1;
    CHECK(*h.put(other, "{}") != *first);
    // Both are there: a copy.
    fs::create_directories(other.directory);
    std::ofstream{fs::path{other.directory} / "run.jsonl"} << "of a version to come\n";
    other.directory = (directory.path() / "copy").string();
    REQUIRE(ok(h.put(other, "{}")));
    CHECK(*h.count({}) == 3);
}

namespace {

/// A result at that place, as far as its journal says whose it is.
store::history_entry result_at(const fs::path& directory, const std::string& run_id) {
    store::history_entry e = some_run(directory.string());
    e.run_id = run_id;
    e.tags = {run_id};
    fs::create_directories(directory);
    run_setup setup;
    setup.id = run_id;
    setup.started_unix_ns = e.started_unix_ns;
    setup.scenario_json = "{}";
    REQUIRE(ok(store::write_file(directory / "run.jsonl", store::run_line(setup))));
    return e;
}

/// The same at another place, found there without a tag.
store::history_entry moved_to(store::history_entry e, const fs::path& directory) {
    e.directory = directory.string();
    e.tags.clear();
    return e;
}

store::history_entry row(store::history& h, std::int64_t id) {
    const auto found = h.list({.id = id});
    REQUIRE(found->size() == 1);
    return found->front();
}

}  // namespace

TEST_CASE("history: a result that was moved to where another one was takes its place") {
    const test::temporary_directory directory;
    auto h = open(directory.path() / "history.db");
    const fs::path a = directory.path() / "a";
    const fs::path b = directory.path() / "b";
    const auto first = result_at(a, "one");
    REQUIRE(ok(h.put(first, "{}")));
    REQUIRE(ok(h.put(result_at(b, "two"), "{}")));
    fs::remove_all(b);
    fs::rename(a, b);
    const auto kept = h.keep(moved_to(first, b), "{}");
    REQUIRE(ok(kept));
    CHECK(kept->id == 1);
    CHECK(kept->how == store::placed::moved);
    CHECK(row(h, 1).directory == b.string());
    CHECK(row(h, 1).tags == std::vector<std::string>{"one"});
    CHECK(row(h, 2).directory == store::place_before(b.string(), 2));
    CHECK(row(h, 2).run_id == "two");
    CHECK(row(h, 2).tags == std::vector<std::string>{"two"});
    CHECK(h.keep(moved_to(first, b), "{}")->how == store::placed::known);
}

TEST_CASE("history: a directory without its result is one that it was moved from") {
    const test::temporary_directory directory;
    auto h = open(directory.path() / "history.db");
    const fs::path a = directory.path() / "a";
    const fs::path b = directory.path() / "b";
    const auto first = result_at(a, "one");
    REQUIRE(ok(h.put(first, "{}")));
    fs::rename(a, b);
    fs::create_directory(a);
    const auto kept = h.keep(moved_to(first, b), "{}");
    REQUIRE(ok(kept));
    CHECK(kept->how == store::placed::moved);
    CHECK(row(h, 1).directory == b.string());
}

TEST_CASE("history: a result that is made anew in its place is forgotten first") {
    const test::temporary_directory directory;
    auto h = open(directory.path() / "history.db");
    const fs::path a = directory.path() / "a";
    REQUIRE(ok(h.put(result_at(a, "one"), "{}")));
    CHECK(h.forget_place(a.string()).value());
    CHECK_FALSE(h.forget_place(a.string()).value());
    REQUIRE(ok(h.put(result_at(a, "two"), "{}")));
    CHECK(h.count({}).value() == 1);
}

TEST_CASE("history: a tag stays with its run where a directory's name is used again") {
    const test::temporary_directory directory;
    auto h = open(directory.path() / "history.db");
    const fs::path latest = directory.path() / "latest";
    const fs::path before = directory.path() / "before";
    const auto old = result_at(latest, "old");
    REQUIRE(ok(h.put(old, "{}")));
    fs::rename(latest, before);
    auto next = result_at(latest, "new");
    next.tags.clear();
    const auto kept = h.keep(next, "{}");
    REQUIRE(ok(kept));
    CHECK(kept->id == 2);
    CHECK(kept->how == store::placed::added);
    CHECK(row(h, 1).run_id == "old");
    CHECK(row(h, 1).tags == std::vector<std::string>{"old"});
    CHECK(row(h, 2).tags.empty());
    // Until it is found again.
    CHECK(h.keep(moved_to(old, before), "{}")->how == store::placed::moved);
    CHECK(row(h, 1).directory == before.string());
    CHECK(*h.count({}) == 2);
}

TEST_CASE("history: two results that changed places are still the same two") {
    const test::temporary_directory directory;
    auto h = open(directory.path() / "history.db");
    const fs::path a = directory.path() / "a";
    const fs::path b = directory.path() / "b";
    const auto one = result_at(a, "one");
    const auto two = result_at(b, "two");
    REQUIRE(ok(h.put(one, "{}")));
    REQUIRE(ok(h.put(two, "{}")));
    fs::rename(a, directory.path() / "c");
    fs::rename(b, a);
    fs::rename(directory.path() / "c", b);
    CHECK(*h.put(moved_to(two, a), "{}") == 2);
    CHECK(*h.put(moved_to(one, b), "{}") == 1);
    CHECK(row(h, 1).directory == b.string());
    CHECK(row(h, 2).directory == a.string());
    CHECK(*h.count({}) == 2);
}

TEST_CASE("history: a result that it does not take is the only one that is not in it") {
    const test::temporary_directory directory;
    const fs::path file = directory.path() / "history.db";
    auto h = open(file);
    auto db = store::sqlite::open(file, std::chrono::seconds{1});
    db->run(
        "CREATE TRIGGER no_such BEFORE INSERT ON runs WHEN new.model = 'refused'"
        " BEGIN SELECT RAISE(ABORT, 'refused'); END");
    REQUIRE(ok(db->failed()));
    store::history_entry e = some_run("/results/a");
    e.model = "refused";
    const auto refused = h.put(e, "{}");
    REQUIRE_FALSE(ok(refused));
    CHECK(refused.error().message == file.string() + ": refused");
    CHECK(refused.error().advice.find("lmstress history import") != std::string::npos);
    CHECK(ok(h.put(some_run("/results/b"), "{}")));
    CHECK(*h.count({}) == 1);
}

TEST_CASE("history: what an older database knows of a run says what it was worth") {
    const test::temporary_directory directory;
    const fs::path file = directory.path() / "history.db";
    REQUIRE(ok(store::history::make_old(file, 2)));
    struct old_run {
        std::string exit_code;
        int valid;
        std::string ended_early;
        std::string summary;
        int completed;
        std::string state;
    };
    const std::string failed = R"({"thresholds": [{"verdict": "fail"}]})";
    const std::vector<old_run> all = {{"0", 1, "", "{}", 8, "measured"},
                                      {"6", 1, "", "{}", 8, "undecided"},
                                      {"4", 1, "", "{}", 8, "too_many_failed"},
                                      {"4", 1, "", failed, 8, "threshold_failed"},
                                      {"4", 1, "It ended.", failed, 8, "cut_short"},
                                      {"130", 1, "", "{}", 8, "cut_short"},
                                      {"NULL", 1, "", "{}", 8, "cut_short"},
                                      {"5", 0, "", "{}", 8, "not_valid"},
                                      {"3", 1, "", "{}", 0, "not_measured"},
                                      {"NULL", 0, "", "{}", 0, "not_measured"}};
    {
        auto db = store::sqlite::open(file, std::chrono::seconds{1});
        REQUIRE(ok(db));
        for (std::size_t i = 0; i < all.size(); ++i) {
            const old_run& r = all[i];
            const std::string n = std::to_string(i + 1);
            db->run(
                "INSERT INTO runs (directory, run_id, kind, part_of, started_unix_ns,"
                " exit_code, valid, ended_early, url, api, model, quantization, server,"
                " labels, summary) VALUES ('/old" +
                n + "', 'x', 'run', '', " + n + ", " + r.exit_code + ", " +
                std::to_string(r.valid) + ", '" + r.ended_early + "', '', '', '', '', '', '{}', '" +
                r.summary + "')");
            db->run(
                "INSERT INTO levels (run, level, api, model, offered, completed, failed)"
                " VALUES (" +
                n + ", 0, '', '', 9, " + std::to_string(r.completed) + ", 1)");
        }
        REQUIRE(ok(db->failed()));
    }
    auto h = open(file);
    for (std::size_t i = 0; i < all.size(); ++i) {
        CAPTURE(i);
        CHECK(row(h, static_cast<std::int64_t>(i) + 1).state == all[i].state);
    }
}

TEST_CASE("history: tags, and what is forgotten") {
    const test::temporary_directory directory;
    const fs::path file = directory.path() / "history.db";
    auto h = open(file);
    const auto id = h.put(some_run("/results/a"), "{}");
    REQUIRE(ok(h.tag(*id, {"b", "a", "b"}, {"before"})));
    CHECK(h.list({})->front().tags == std::vector<std::string>{"a", "b"});
    CHECK(*h.forget(*id));
    CHECK_FALSE(*h.forget(*id));
    CHECK(h.list({})->empty());
    // Nothing of it is left, and its number is not given again.
    auto db = store::sqlite::open(file, std::chrono::seconds{1});
    for (const char* table : {"levels", "tags", "models"}) {
        CHECK(db->integer(std::string{"SELECT count(*) FROM "} + table) == 0);
    }
    CHECK(*h.put(some_run("/results/b"), "{}") == *id + 1);
    // A tag for what is not there is refused.
    CHECK_FALSE(ok(h.tag(99, {"x"}, {})));
}

TEST_CASE("history: a database of each earlier version is brought up to date with all it holds") {
    for (int version = 0; version < store::history::newest_version(); ++version) {
        CAPTURE(version);
        const test::temporary_directory directory;
        const fs::path file = directory.path() / "history.db";
        REQUIRE(ok(store::history::make_old(file, version)));
        if (version >= 1) put_into_version_1(file);
        auto h = open(file);
        const auto before = h.list({});
        REQUIRE(ok(before));
        if (version >= 1) {
            REQUIRE(before->size() == 1);
            const store::history_entry& old = before->front();
            CHECK(old.directory == "/old");
            CHECK(old.state == "measured");
            CHECK(old.kind == store::run_kind::sweep);
            CHECK(old.group == "/of");
            CHECK(old.context_length == 4096);
            CHECK(old.tags == std::vector<std::string>{"kept"});
            CHECK(old.levels.front().streams == 3);
            CHECK_FALSE(old.about_model);
            CHECK(summary_of(h, old.id) == "{\"v\":1}");
        }
        REQUIRE(ok(h.put(some_run("/results/a"), "{}")));
        CHECK(h.list({})->front().about_model.has_value());
        auto db = store::sqlite::open(file, std::chrono::seconds{1});
        CHECK(db->integer("PRAGMA user_version") == store::history::newest_version());
    }
}

TEST_CASE("history: one of a newer version is refused, and left as it is") {
    const test::temporary_directory directory;
    const fs::path file = directory.path() / "history.db";
    {
        auto h = open(file);
    }
    {
        auto db = store::sqlite::open(file, std::chrono::seconds{1});
        db->run("PRAGMA user_version = 99");
    }
    const auto h = store::history::open(file);
    REQUIRE_FALSE(ok(h));
    CHECK(h.error().message.find("is a history of version 99") != std::string::npos);
    auto db = store::sqlite::open(file, std::chrono::seconds{1});
    CHECK(db->integer("PRAGMA user_version") == 99);
}

TEST_CASE("history: what is no database is refused in a sentence") {
    const test::temporary_directory directory;
    const fs::path file = directory.path() / "history.db";
    REQUIRE(ok(store::write_file(file, std::string(5000, 'x'))));
    const auto h = store::history::open(file);
    REQUIRE_FALSE(ok(h));
    CHECK(h.error().message == file.string() + ": file is not a database");
    const auto nowhere = store::history::open("/proc/nowhere/history.db");
    REQUIRE_FALSE(ok(nowhere));
    CHECK(nowhere.error().message.starts_with("cannot make the directory /proc/nowhere"));
}

TEST_CASE("history: whoever finds it locked waits, and then says so") {
    const test::temporary_directory directory;
    const fs::path file = directory.path() / "history.db";
    auto h = store::history::open(file, std::chrono::milliseconds{1});
    REQUIRE(ok(h));
    auto other = store::sqlite::open(file, std::chrono::seconds{1});
    other->run("BEGIN EXCLUSIVE");
    REQUIRE(ok(other->failed()));
    const auto refused = h->put(some_run("/results/a"), "{}");
    REQUIRE_FALSE(ok(refused));
    CHECK(refused.error().message.find("database is locked") != std::string::npos);
    other->run("COMMIT");
    auto again = open(file);
    CHECK(ok(again.put(some_run("/results/a"), "{}")));
}

TEST_CASE("history: a row is JSON, whatever text is in it") {
    store::history_entry e = some_run("/a\"<script>");
    e.id = 7;
    const auto line = boost::json::parse(store::history_line(e, R"({"x": [1.5]})"));
    CHECK(line.at("schema") == "lmstress.history/1");
    const auto& row = line.at("run");
    CHECK(row.at("id") == 7);
    CHECK(row.at("directory") == "/a\"<script>");
    CHECK(row.at("state") == "not_valid");
    CHECK(row.at("architecture") == "qwen3");
    CHECK(row.at("speed").to_number<double>() == 213.4);
    CHECK(row.at("speed_streams").is_null());
    CHECK(row.at("ttft_p95_ms").to_number<double>() == 812.25);
    CHECK(row.at("ttft_p95_few").as_bool() == store::too_few_for(e.levels.at(0), 0.95));
    CHECK(store::too_few_for({.completed = 71}, 0.95));
    CHECK_FALSE(store::too_few_for({.completed = 200}, 0.95));
    CHECK_FALSE(store::too_few_for({.completed = 20}, 0.5));
    // What is not there is not of too few.
    e.levels.clear();
    const auto none = boost::json::parse(store::history_line(e, "{}"));
    CHECK_FALSE(none.at("run").at("ttft_p95_few").as_bool());
    CHECK(row.at("requests").at("offered") == 32);
    CHECK(row.at("labels").at("machine") == "m4");
    CHECK(line.at("levels").at(1).at("rate").to_number<double>() == 2.5);
    CHECK(line.at("summary").at("x").at(0).to_number<double>() == 1.5);
    const std::vector runs{e};
    CHECK(boost::json::parse(store::history_list_json(runs, 5, 1)).at("next_before") == 7);
    CHECK(boost::json::parse(store::history_list_json(runs, 1, 2)).at("next_before").is_null());
}

TEST_CASE("history: where a result lies says what it was part of") {
    const auto kind = [](const std::string& directory) {
        return store::entry_of(run_summary{}, directory, "measured").kind;
    };
    CHECK(kind("/r/2026-a") == store::run_kind::run);
    CHECK(kind("/r/s/cells/003") == store::run_kind::sweep);
    CHECK(kind("/r/s/steps/001") == store::run_kind::capacity);
    CHECK(kind("/r/s/A/02") == store::run_kind::compare);
    CHECK(kind("/r/A/mine") == store::run_kind::run);
    CHECK(store::entry_of(run_summary{}, "/r/s/cells/003", "measured").group == "/r/s");
}
