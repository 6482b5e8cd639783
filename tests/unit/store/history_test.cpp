#include "store/history.hpp"

#include "store/history_json.hpp"
#include "store/journal.hpp"
#include "store/run_json.hpp"
#include "support/child_process.hpp"
#include "support/histories.hpp"

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
    test::scratch_history here;
    const store::history_entry e = test::entry_at("/results/a");
    const std::int64_t id = here.put(e, R"({"schema":"lmstress.summary/1"})");
    const auto all = here.runs.list({});
    REQUIRE(ok(all));
    REQUIRE(all->size() == 1);
    const store::history_entry& back = all->front();
    CHECK(back.id == id);
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
    CHECK(here.summary_of(id) == R"({"schema":"lmstress.summary/1"})");
}

TEST_CASE("history: a directory that is put again keeps its number and its tags") {
    test::scratch_history here;
    store::history_entry e = test::entry_at("/results/a");
    const std::int64_t first = here.put(e);
    here.put(test::entry_at("/results/b"));
    e.tags.clear();
    e.levels.pop_back();
    e.about_model.reset();
    e.exit_code = 0;
    CHECK(here.put(e, R"({"new":true})") == first);
    const store::history_entry back = here.row(first);
    CHECK(back.exit_code == 0);
    CHECK(back.levels.size() == 1);
    CHECK(back.tags == std::vector<std::string>{"before"});
    CHECK_FALSE(back.about_model);
    CHECK(here.summary_of(first) == R"({"new":true})");
    CHECK(here.count() == 2);
}

TEST_CASE("history: runs are asked for by what they are") {
    test::scratch_history here;
    for (int i = 0; i < 5; ++i) {
        store::history_entry e = test::entry_at("/results/" + std::to_string(i));
        if (i % 2 == 0) e.model = "other";
        if (i == 3) e.kind = store::run_kind::sweep;
        if (i == 4) e.tags = {"after", "x"};
        e.started_unix_ns = i;
        here.put(e);
    }
    const auto ids = [&](const store::history_filter& f) {
        std::vector<std::int64_t> out;
        for (const auto& e : *here.runs.list(f)) out.push_back(e.id);
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
    CHECK(*here.runs.count({.model = "other", .limit = 1}) == 3);

    // One that was made long ago and is imported last.
    store::history_entry old = test::entry_at("/results/old");
    old.started_unix_ns = 1;
    here.put(old);
    CHECK(ids({}) == list{5, 4, 3, 6, 2, 1});
    CHECK(ids({.before = 3}) == list{6, 2, 1});
    CHECK(ids({.before = 6, .limit = 1}) == list{2});
}

TEST_CASE(
    "history: a result that was moved keeps its number and its tags, one that was copied has two") {
    test::scratch_history here;
    const fs::path before = here.at("before");
    const fs::path after = here.at("after");
    fs::create_directories(before);
    store::history_entry e = test::entry_at(before.string());
    const std::int64_t first = here.put(e);
    fs::rename(before, after);
    e.directory = after.string();
    e.tags.clear();
    CHECK(here.put(e) == first);
    CHECK(here.count() == 1);
    CHECK(here.runs.list({})->front().directory == after.string());
    CHECK(here.runs.list({})->front().tags == std::vector<std::string>{"before"});
    // Another run at another time is none that was moved, though its id is the same.
    store::history_entry other = e;
    fs::remove(after);
    other.directory = here.at("other").string();
    other.started_unix_ns += 1;
    CHECK(here.put(other) != first);
    // Both are there: a copy.
    fs::create_directories(other.directory);
    std::ofstream{fs::path{other.directory} / "run.jsonl"} << "of a version to come\n";
    other.directory = here.at("copy").string();
    here.put(other);
    CHECK(here.count() == 3);
}

TEST_CASE("history: a result that was moved to where another one was takes its place") {
    test::scratch_history here;
    const fs::path a = here.at("a");
    const fs::path b = here.at("b");
    const auto first = here.result_at(a, "one");
    here.put(first);
    here.put(here.result_at(b, "two"));
    fs::remove_all(b);
    fs::rename(a, b);
    const auto kept = here.runs.keep(test::moved_to(first, b), "{}");
    REQUIRE(ok(kept));
    CHECK(kept->id == 1);
    CHECK(kept->how == store::placed::moved);
    CHECK(here.row(1).directory == b.string());
    CHECK(here.row(1).tags == std::vector<std::string>{"one"});
    CHECK(here.row(2).directory == store::place_before(b.string(), 2));
    CHECK(here.row(2).run_id == "two");
    CHECK(here.row(2).tags == std::vector<std::string>{"two"});
    CHECK(here.runs.keep(test::moved_to(first, b), "{}")->how == store::placed::known);
}

TEST_CASE("history: a directory without its result is one that it was moved from") {
    test::scratch_history here;
    const fs::path a = here.at("a");
    const fs::path b = here.at("b");
    const auto first = here.result_at(a, "one");
    here.put(first);
    fs::rename(a, b);
    fs::create_directory(a);
    const auto kept = here.runs.keep(test::moved_to(first, b), "{}");
    REQUIRE(ok(kept));
    CHECK(kept->how == store::placed::moved);
    CHECK(here.row(1).directory == b.string());
}

TEST_CASE("history: a result that is made anew in its place is forgotten first") {
    test::scratch_history here;
    const fs::path a = here.at("a");
    here.put(here.result_at(a, "one"));
    CHECK(here.runs.forget_place(a.string()).value());
    CHECK_FALSE(here.runs.forget_place(a.string()).value());
    here.put(here.result_at(a, "two"));
    CHECK(here.count() == 1);
}

TEST_CASE("history: a tag stays with its run where a directory's name is used again") {
    test::scratch_history here;
    const fs::path latest = here.at("latest");
    const fs::path before = here.at("before");
    const auto old = here.result_at(latest, "old");
    here.put(old);
    fs::rename(latest, before);
    auto next = here.result_at(latest, "new");
    next.tags.clear();
    const auto kept = here.runs.keep(next, "{}");
    REQUIRE(ok(kept));
    CHECK(kept->id == 2);
    CHECK(kept->how == store::placed::added);
    CHECK(here.row(1).run_id == "old");
    CHECK(here.row(1).tags == std::vector<std::string>{"old"});
    CHECK(here.row(2).tags.empty());
    // Until it is found again.
    CHECK(here.runs.keep(test::moved_to(old, before), "{}")->how == store::placed::moved);
    CHECK(here.row(1).directory == before.string());
    CHECK(here.count() == 2);
}

TEST_CASE("history: two results that changed places are still the same two") {
    test::scratch_history here;
    const fs::path a = here.at("a");
    const fs::path b = here.at("b");
    const auto one = here.result_at(a, "one");
    const auto two = here.result_at(b, "two");
    here.put(one);
    here.put(two);
    fs::rename(a, here.at("c"));
    fs::rename(b, a);
    fs::rename(here.at("c"), b);
    CHECK(here.put(test::moved_to(two, a)) == 2);
    CHECK(here.put(test::moved_to(one, b)) == 1);
    CHECK(here.row(1).directory == b.string());
    CHECK(here.row(2).directory == a.string());
    CHECK(here.count() == 2);
}

TEST_CASE("history: a sweep that is made anew in its place is another one than the one before") {
    test::scratch_history here;
    const fs::path sweep = here.at("s");
    const auto cell = [&](const char* name, const std::string& run_id) {
        auto e = here.result_at(sweep / "cells" / name, run_id);
        e.kind = store::run_kind::sweep;
        e.group = sweep.string();
        here.put(e);
        return e;
    };
    const auto first = cell("000", "old0");
    cell("001", "old1");
    cell("002", "old2");
    fs::rename(sweep, here.at("before"));
    cell("000", "new0");
    cell("001", "new1");
    // Also the one in whose place there is none yet.
    const std::string gone = store::place_before(sweep.string(), 1);
    for (const std::int64_t id : {1, 2, 3}) CHECK(here.row(id).group == gone);
    for (const std::int64_t id : {4, 5}) CHECK(here.row(id).group == sweep.string());
    CHECK(here.row(3).directory == (sweep / "cells/002").string());
    // Found again it has its own place.
    auto found = test::moved_to(first, here.at("before") / "cells/000");
    found.group = here.at("before").string();
    CHECK(here.put(found) == 1);
    CHECK(here.row(1).group == here.at("before").string());
}

TEST_CASE("history: a result that it does not take is the only one that is not in it") {
    test::scratch_history here;
    here.by_hand(
        "CREATE TRIGGER no_such BEFORE INSERT ON runs WHEN new.model = 'refused'"
        " BEGIN SELECT RAISE(ABORT, 'refused'); END");
    store::history_entry e = test::entry_at("/results/a");
    e.model = "refused";
    const auto refused = here.runs.put(e, "{}");
    REQUIRE_FALSE(ok(refused));
    CHECK(refused.error().message == here.file.string() + ": refused");
    CHECK(refused.error().advice.find("lmstress history import") != std::string::npos);
    here.put(test::entry_at("/results/b"));
    CHECK(here.count() == 1);
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
    const std::string lost = "It could only fail (--abort-on).";
    const std::vector<old_run> all = {{"0", 1, "", "{}", 8, "measured"},
                                      {"6", 1, "", "{}", 8, "undecided"},
                                      {"4", 1, "", "{}", 8, "too_many_failed"},
                                      {"4", 1, "", failed, 8, "threshold_failed"},
                                      {"4", 1, "It ended.", failed, 8, "cut_short"},
                                      {"4", 1, lost, "{}", 8, "threshold_failed"},
                                      {"130", 1, lost, "{}", 8, "cut_short"},
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
    auto h = test::opened(file);
    for (std::size_t i = 0; i < all.size(); ++i) {
        CAPTURE(i);
        CHECK(h.list({.id = static_cast<std::int64_t>(i) + 1})->front().state == all[i].state);
    }
}

TEST_CASE("history: tags, and what is forgotten") {
    test::scratch_history here;
    const std::int64_t id = here.put(test::entry_at("/results/a"));
    REQUIRE(ok(here.runs.tag(id, {"b", "a", "b"}, {"before"})));
    CHECK(here.runs.list({})->front().tags == std::vector<std::string>{"a", "b"});
    CHECK(*here.runs.forget(id));
    CHECK_FALSE(*here.runs.forget(id));
    CHECK(here.runs.list({})->empty());
    // Nothing of it is left, and its number is not given again.
    auto db = store::sqlite::open(here.file, std::chrono::seconds{1});
    for (const char* table : {"levels", "tags", "models"}) {
        CHECK(db->integer(std::string{"SELECT count(*) FROM "} + table) == 0);
    }
    CHECK(here.put(test::entry_at("/results/b")) == id + 1);
    // A tag for what is not there is refused.
    CHECK_FALSE(ok(here.runs.tag(99, {"x"}, {})));
}

TEST_CASE("history: what became of a whole is known until it goes on, and moves with its parts") {
    test::scratch_history here;
    const auto part_at = [](const std::string& group, const std::string& cell, const char* id) {
        store::history_entry e = test::entry_at(group + "/cells/" + cell);
        e.kind = store::run_kind::sweep;
        e.group = group;
        e.run_id = id;
        return e;
    };
    const store::history_whole done{"undecided", "parallel 4: 3 users"};
    const auto known = [&] { return here.runs.list({})->front().whole; };
    // Of a directory that no run is part of there is nothing to keep.
    REQUIRE(ok(here.runs.put_whole("/sweep", done)));
    const std::int64_t first = here.put(part_at("/sweep", "001", "one"));
    CHECK_FALSE(known());

    REQUIRE(ok(here.runs.put_whole("/sweep", {"measured", "before"})));
    REQUIRE(ok(here.runs.put_whole("/sweep", done)));
    CHECK(known() == done);
    // What brings a part up to date changes nothing; a further one does.
    here.put(part_at("/sweep", "001", "one"));
    CHECK(known() == done);
    const std::int64_t second = here.put(part_at("/sweep", "002", "two"));
    CHECK_FALSE(known());

    REQUIRE(ok(here.runs.put_whole("/sweep", done)));
    here.put(part_at("/moved", "001", "one"));
    here.put(part_at("/moved", "002", "two"));
    for (const auto& part : *here.runs.list({})) {
        CHECK(part.group == "/moved");
        CHECK(part.whole == done);
    }
    const auto kept = [&] {
        auto db = store::sqlite::open(here.file, std::chrono::seconds{1});
        return db->integer("SELECT count(*) FROM wholes");
    };
    CHECK(kept() == 1);
    CHECK(*here.runs.forget(first));
    CHECK(known() == done);
    CHECK(*here.runs.forget(second));
    CHECK(kept() == 0);
}

TEST_CASE("history: a database of each earlier version is brought up to date with all it holds") {
    for (int version = 0; version < store::history::newest_version(); ++version) {
        CAPTURE(version);
        const test::temporary_directory directory;
        const fs::path file = directory.path() / "history.db";
        REQUIRE(ok(store::history::make_old(file, version)));
        if (version >= 1) put_into_version_1(file);
        auto h = test::opened(file);
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
            CHECK(h.summary_of(old.id).value() == "{\"v\":1}");
        }
        REQUIRE(ok(h.put(test::entry_at("/results/a"), "{}")));
        CHECK(h.list({})->front().about_model.has_value());
        auto db = store::sqlite::open(file, std::chrono::seconds{1});
        CHECK(db->integer("PRAGMA user_version") == store::history::newest_version());
    }
}

TEST_CASE("history: one of a newer version is refused, and left as it is") {
    const test::temporary_directory directory;
    const fs::path file = directory.path() / "history.db";
    {
        auto h = test::opened(file);
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

TEST_CASE("history: its page says which version its tables have") {
    const std::string page = store::read_file(PROJECT_DIRECTORY "/docs/history.md").value();
    const std::string version = std::to_string(store::history::newest_version());
    CHECK(page.find("its tables, " + version + " now.") != std::string::npos);
    // And where each has come from.
    for (int v = 2; v <= store::history::newest_version(); ++v) {
        CHECK(page.find("since version " + std::to_string(v)) != std::string::npos);
    }
}

TEST_CASE(
    "history: what cannot be written is read as it is, and says what is missing to write it") {
    const test::temporary_directory directory;
    // Letters that mean something in the name that SQLite gets.
    const fs::path place = directory.path() / "100%25 a?b#c";
    const fs::path file = place / "history.db";
    REQUIRE(ok(test::opened(file).put(test::entry_at("/results/a"), "{}")));
    auto db = store::sqlite::open_to_read(file, std::chrono::seconds{1});
    REQUIRE(ok(db));
    CHECK(db->integer("SELECT count(*) FROM runs") == 1);
    db->run("DELETE FROM runs");
    REQUIRE_FALSE(ok(db->failed()));
    CHECK(db->failed().error().message.find("readonly") != std::string::npos);
    CHECK(db->failed().error().advice.starts_with("This user must be able to write the file"));
    CHECK_FALSE(fs::exists(file.string() + "-wal"));
    // What stands in the log alone is not left out.
    auto writer = test::opened(file);
    REQUIRE(ok(writer.put(test::entry_at("/results/b"), "{}")));
    REQUIRE(fs::file_size(file.string() + "-wal") > 0);
    auto with_log = store::sqlite::open_to_read(file, std::chrono::seconds{1});
    REQUIRE(ok(with_log));
    CHECK(with_log->integer("SELECT count(*) FROM runs") == 2);
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
    const auto refused = h->put(test::entry_at("/results/a"), "{}");
    REQUIRE_FALSE(ok(refused));
    CHECK(refused.error().message.find("database is locked") != std::string::npos);
    other->run("COMMIT");
    auto again = test::opened(file);
    CHECK(ok(again.put(test::entry_at("/results/a"), "{}")));
}

TEST_CASE("history: a row is JSON, whatever text is in it") {
    store::history_entry e = test::entry_at("/a\"<script>");
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

TEST_CASE(
    "history: what several APIs came to together is counted once, and its rates are the only") {
    const auto level = [](std::uint32_t index, const char* api, std::uint32_t streams) {
        level_summary out;
        out.setup.index = index;
        out.setup.concurrency = streams;
        out.setup.target.api = api;
        out.requests = {.offered = 10, .completed = 9, .failed = 1};
        out.tokens.output = 90;
        out.window_seconds = 1;
        out.output_tokens_per_second = 100.0 * streams;
        out.requests_per_second = 9;
        return out;
    };
    run_summary run;
    run.levels = {level(0, "lmstudio", 2), level(1, "ollama", 2), level(2, "lmstudio", 4)};
    auto e = store::entry_of(run, "/r", "measured");
    auto together = level(0, "lmstudio, ollama", 2);
    together.requests = {.offered = 20, .completed = 18, .failed = 2};
    together.output_tokens_per_second = 500;
    // That of four streams was measured over one API alone.
    store::add_together(e, std::vector{together, level(2, "lmstudio", 4)});
    REQUIRE(e.levels.size() == 4);
    CHECK_FALSE(e.levels[0].output_tokens_per_second);
    CHECK_FALSE(e.levels[1].requests_per_second);
    CHECK(e.levels[2].output_tokens_per_second == 400);
    CHECK(e.levels[3].index == 3);
    CHECK(store::is_together(e.levels[3]));
    CHECK(store::fastest_level(e) == &e.levels[3]);

    const auto line = boost::json::parse(store::history_line(e, "{}"));
    CHECK(line.at("run").at("levels") == 3);
    CHECK(line.at("run").at("requests").at("offered") == 30);
    CHECK(line.at("run").at("requests").at("failed") == 3);
    CHECK(line.at("run").at("speed").to_number<double>() == 500);
    CHECK(line.at("levels").at(3).at("together") == true);
    CHECK(line.at("levels").at(0).at("together") == false);
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
