#include "store/history.hpp"

#include "store/history_rows.hpp"
#include "store/history_sql.hpp"
#include "store/run_json.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <fstream>

namespace lmstress::store {
namespace {

namespace fs = std::filesystem;

/// What belongs to each run of a list, by statements that are made once.
class parts_of_runs {
  public:
    explicit parts_of_runs(sqlite& db)
        : levels_(db.prepare(sql::levels_of)),
          tags_(db.prepare(sql::tags_of)),
          model_(db.prepare(sql::model_of)),
          whole_(db.prepare(sql::whole_of)) {}

    void add_to(history_entry& e) {
        levels_.bind(e.id);
        while (levels_.step()) e.levels.push_back(read_level(levels_));
        levels_.reset();
        tags_.bind(e.id);
        while (tags_.step()) e.tags.push_back(tags_.text());
        tags_.reset();
        model_.bind(e.id);
        if (model_.step()) e.about_model = read_model(model_);
        model_.reset();
        if (e.group.empty()) return;
        whole_.bind(e.group);
        if (whole_.step()) e.whole = read_whole(whole_);
        whole_.reset();
    }

  private:
    sql_statement levels_;
    sql_statement tags_;
    sql_statement model_;
    sql_statement whole_;
};

/// Whether that directory holds the result of that run still. What cannot be looked at does.
bool is_there(const fs::path& directory, const history_entry& e) {
    std::error_code ec;
    const fs::path file = directory / "run.jsonl";
    if (fs::status(file, ec).type() == fs::file_type::not_found) return false;
    std::ifstream notes{file};
    std::string line;
    if (!std::getline(notes, line)) return true;
    const auto said = read_run_notes(line + '\n');
    return !said ||
           (said->setup.id == e.run_id && said->setup.started_unix_ns == e.started_unix_ns);
}

/// With a run whose place is taken the sweep, search or comparison that it was part of is gone, as
/// far as its parts are: they stay together, and apart from what has its directory now.
void free_group(sqlite& db, const std::string& group, std::int64_t of) {
    std::vector<std::int64_t> gone;
    {
        sql_statement parts = db.prepare(sql::parts_with);
        parts.bind(group).bind(of);
        while (parts.step()) {
            history_entry part{.id = parts.integer(), .directory = parts.text()};
            part.run_id = parts.text();
            part.started_unix_ns = parts.integer();
            if (part.id == of || !is_there(part.directory, part)) gone.push_back(part.id);
        }
    }
    for (const std::int64_t id : gone) {
        db.prepare(sql::move_part).bind(place_before(group, of)).bind(id).step();
    }
}

/// Another run that was known in this directory is there no longer.
void free_place(sqlite& db, const history_entry& e) {
    std::vector<std::int64_t> others;
    {
        sql_statement there = db.prepare(sql::other_run_there);
        there.bind(e.directory).bind(e.run_id).bind(e.started_unix_ns);
        while (there.step()) others.push_back(there.integer());
    }
    for (const std::int64_t id : others) {
        free_group(db, e.group, id);
        db.prepare(sql::move_run).bind(place_before(e.directory, id)).bind(id).step();
    }
}

/// A result whose directory was moved is still the same: the entry that has it where it is no more
/// gets the new place, with its number and its tags.
placed follow_moved(sqlite& db, const history_entry& e) {
    std::optional<std::int64_t> moved;
    {
        sql_statement same = db.prepare(sql::same_run);
        same.bind(e.run_id).bind(e.started_unix_ns);
        while (same.step()) {
            const std::int64_t id = same.integer();
            const std::string directory = same.text();
            if (directory == e.directory) return placed::known;
            if (!moved && !is_there(directory, e)) moved = id;
        }
    }
    if (!moved) return placed::added;
    db.prepare(sql::move_run).bind(e.directory).bind(*moved).step();
    return placed::moved;
}

/// To the file, and beside it, as far as they are there.
bool may_write(const fs::path& file) {
    const fs::path beside = file.has_parent_path() ? file.parent_path() : ".";
    return ::access(file.c_str(), F_OK) != 0 ||
           (::access(file.c_str(), W_OK) == 0 && ::access(beside.c_str(), W_OK) == 0);
}

result<void> make_room_for(const fs::path& file) {
    if (!file.has_parent_path()) return {};
    std::error_code ec;
    fs::create_directories(file.parent_path(), ec);
    if (!ec) return {};
    return error{errc::output,
                 "cannot make the directory " + file.parent_path().string() + ": " + ec.message()};
}

}  // namespace

std::string place_before(const std::string& directory, std::int64_t id) {
    return fmt::format("{} [run {}, before another took its place]", directory, id);
}

int history::newest_version() noexcept {
    return static_cast<int>(sql::migrations.size());
}

result<void> history::migrate(sqlite& db, const fs::path& file, int to) {
    if (db.integer("PRAGMA user_version") == to) return db.failed();
    sql_transaction all{db};
    // Another process may have done it meanwhile.
    const std::int64_t from = db.integer("PRAGMA user_version");
    const auto looked = db.failed();
    if (!looked) return looked;
    if (from > newest_version()) {
        return error{
            errc::output,
            fmt::format("{} is a history of version {}, and this lmstress knows {} at most",
                        file.string(), from, newest_version()),
            "Use the lmstress that made it, or another file (--history)."};
    }
    for (std::int64_t v = from; v < to; ++v) {
        db.run(sql::migrations.at(static_cast<std::size_t>(v)));
        db.run(fmt::format("PRAGMA user_version = {}", v + 1));
    }
    return all.commit();
}

result<history> history::open(const fs::path& file, std::chrono::milliseconds wait_for_others) {
    const auto room = make_room_for(file);
    if (!room) return room.error();
    auto db = sqlite::open(file, wait_for_others);
    if (!db) return db.error();
    const auto migrated = migrate(*db, file, newest_version());
    if (!migrated) return migrated.error();
    // Readers and a writer then do not wait for each other. Whoever has the file now may refuse it:
    // then the next process makes it so.
    db->attempt("PRAGMA journal_mode = WAL");
    db->run("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL");
    const auto ready = db->failed();
    if (!ready) return ready.error();
    return history{*std::move(db)};
}

result<history> history::open_to_read(const fs::path& file) {
    auto whole = open(file);
    if (whole || may_write(file)) return whole;
    auto db = sqlite::open_to_read(file, patience);
    if (!db) return whole;
    const std::int64_t version = db->integer("PRAGMA user_version");
    if (!db->failed() || version > newest_version()) return whole;
    if (version < newest_version()) {
        return error{errc::output,
                     fmt::format("{} is a history of version {}, which cannot be brought up to "
                                 "version {} where it lies",
                                 file.string(), version, newest_version()),
                     "Copy it to where you can write, and name the copy with --history FILE."};
    }
    return history{*std::move(db)};
}

result<void> history::make_old(const fs::path& file, int version) {
    auto db = sqlite::open(file, patience);
    if (!db) return db.error();
    return migrate(*db, file, version);
}

result<kept_run> history::keep_at_once(const history_entry& e, const std::string& summary_json) {
    sql_transaction all{db_};
    free_place(db_, e);
    kept_run out{.how = follow_moved(db_, e)};
    {
        sql_statement run = db_.prepare(sql::put_run);
        bind_run(run, e, summary_json);
        if (run.step()) out.id = run.integer();
        // It is done only once it says that there is no further row.
        run.step();
    }
    put_parts(out.id, e);
    const auto tagged = tag(out.id, e.tags, {});
    if (!tagged) return tagged.error();
    const auto done = all.commit();
    if (!done) return done.error();
    return out;
}

result<kept_run> history::keep(const history_entry& e, const std::string& summary_json) {
    auto kept = keep_at_once(e, summary_json);
    // Nothing of it is there, so that the next one finds the database as it was.
    if (!kept) db_.begin_anew();
    return kept;
}

result<std::int64_t> history::put(const history_entry& e, const std::string& summary_json) {
    const auto kept = keep(e, summary_json);
    if (!kept) return kept.error();
    return kept->id;
}

void history::put_parts(std::int64_t id, const history_entry& e) {
    db_.prepare(sql::drop_levels).bind(id).step();
    sql_statement level = db_.prepare(sql::put_level);
    for (const history_level& l : e.levels) {
        bind_level(level, id, l);
        level.step();
        level.reset();
    }
    db_.prepare(sql::drop_model).bind(id).step();
    if (!e.about_model) return;
    const model_facts& m = *e.about_model;
    sql_statement model = db_.prepare(sql::put_model);
    model.bind(id).bind(m.key).bind(m.architecture).bind(m.format).bind(m.params);
    model.bind(m.quantization).bind(m.size_bytes).step();
}

result<void> history::put_whole(const std::string& directory, const history_whole& w) {
    db_.prepare(sql::put_whole).bind(directory).bind(w.state).bind(w.answer).step();
    return db_.failed();
}

void history::bind(sql_statement& s, const history_filter& f) {
    const auto kind = f.kind ? std::optional{std::string{to_string(*f.kind)}} : std::nullopt;
    s.bind(f.id).bind(f.before).bind(f.model).bind(kind).bind(f.tag).bind(f.run_id);
    s.bind(f.since_unix_ns);
}

result<std::vector<history_entry>> history::list(const history_filter& f) {
    std::vector<history_entry> out;
    {
        sql_statement runs = db_.prepare(sql::list_runs);
        parts_of_runs parts{db_};
        bind(runs, f);
        runs.bind(f.limit);
        while (runs.step()) {
            out.push_back(read_run(runs));
            parts.add_to(out.back());
        }
    }
    const auto read = db_.failed();
    if (!read) return read.error();
    return out;
}

result<std::int64_t> history::count(const history_filter& f) {
    std::int64_t n = 0;
    {
        sql_statement s = db_.prepare(sql::count_runs);
        bind(s, f);
        if (s.step()) n = s.integer();
    }
    const auto read = db_.failed();
    if (!read) return read.error();
    return n;
}

result<std::optional<std::string>> history::summary_of(std::int64_t id) {
    std::optional<std::string> out;
    {
        sql_statement s = db_.prepare(sql::summary_of);
        s.bind(id);
        if (s.step()) out = s.text();
    }
    const auto read = db_.failed();
    if (!read) return read.error();
    return out;
}

result<void> history::tag(std::int64_t id, const std::vector<std::string>& add,
                          const std::vector<std::string>& remove) {
    for (const std::string& one : remove) db_.prepare(sql::drop_tag).bind(id).bind(one).step();
    for (const std::string& one : add) db_.prepare(sql::put_tag).bind(id).bind(one).step();
    return db_.failed();
}

result<bool> history::forget(std::int64_t id) {
    db_.prepare(sql::drop_run).bind(id).step();
    const auto done = db_.failed();
    if (!done) return done.error();
    return db_.changed_rows() > 0;
}

result<bool> history::forget_place(const std::string& directory) {
    db_.prepare(sql::drop_place).bind(directory).step();
    const auto done = db_.failed();
    if (!done) return done.error();
    return db_.changed_rows() > 0;
}

}  // namespace lmstress::store
