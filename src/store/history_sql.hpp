#pragma once

// All the SQL there is. The tables are documented in docs/history.md, for whoever asks the database
// by another program.

#include <array>
#include <string_view>

namespace lmstress::store::sql {

/// Each brings a database of the version before it to the next one; the first one makes it. What a
/// release has made is never changed here: a further one is added.
inline constexpr std::array<std::string_view, 5> migrations = {
    // 1: runs, their levels, their tags.
    R"sql(
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    directory TEXT NOT NULL UNIQUE,
    run_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    part_of TEXT NOT NULL,
    started_unix_ns INTEGER NOT NULL,
    exit_code INTEGER,
    valid INTEGER NOT NULL,
    ended_early TEXT NOT NULL,
    url TEXT NOT NULL,
    api TEXT NOT NULL,
    model TEXT NOT NULL,
    quantization TEXT NOT NULL,
    server TEXT NOT NULL,
    parallel INTEGER,
    unified_kv INTEGER,
    context_length INTEGER,
    labels TEXT NOT NULL,
    summary TEXT NOT NULL
);
CREATE INDEX runs_by_model ON runs (model);
CREATE TABLE levels (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    level INTEGER NOT NULL,
    api TEXT NOT NULL,
    model TEXT NOT NULL,
    streams INTEGER,
    rate REAL,
    offered INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    output_tokens_per_second REAL,
    requests_per_second REAL,
    ttft_p50_ms REAL,
    ttft_p95_ms REAL,
    itl_p50_ms REAL,
    e2e_p50_ms REAL,
    tpot_p50_ms REAL,
    slo_attainment REAL,
    PRIMARY KEY (run, level)
) WITHOUT ROWID;
CREATE TABLE tags (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (run, tag)
) WITHOUT ROWID;
CREATE INDEX runs_by_tag ON tags (tag);
)sql",
    // 2: what the server's list said of the model. The summaries of earlier runs do not have it.
    R"sql(
CREATE TABLE models (
    run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    architecture TEXT NOT NULL,
    format TEXT NOT NULL,
    params TEXT NOT NULL,
    quantization TEXT NOT NULL,
    size_bytes INTEGER
);
)sql",
    // 3: what a run is worth. Of earlier ones by what they left, as their exit codes were then.
    R"sql(
ALTER TABLE runs ADD COLUMN state TEXT NOT NULL DEFAULT 'measured';
UPDATE runs SET state = CASE
    WHEN exit_code = 3 OR NOT EXISTS (SELECT 1 FROM levels WHERE run = id AND completed > 0)
        THEN 'not_measured'
    WHEN valid = 0 THEN 'not_valid'
    WHEN exit_code IS NULL OR exit_code = 130 OR ended_early <> '' THEN 'cut_short'
    WHEN exit_code = 4 AND instr(summary, '"thresholds"') > 0 AND instr(summary, '"fail"') > 0
        THEN 'threshold_failed'
    WHEN exit_code = 4 THEN 'too_many_failed'
    WHEN exit_code = 6 THEN 'undecided'
    ELSE 'measured' END;
)sql",
    // 4: what a threshold ended (--abort-on) failed by it, and was not cut short.
    R"sql(
UPDATE runs SET state = 'threshold_failed'
WHERE state = 'cut_short' AND exit_code = 4 AND instr(ended_early, '(--abort-on).') > 0;
)sql",
    // 5: what became of a whole sweep, search or comparison. It is gone once that goes on, or no
    // part of it is left; and where its parts move it moves too.
    R"sql(
CREATE TABLE wholes (
    directory TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    answer TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX runs_by_whole ON runs (part_of);
CREATE TRIGGER whole_goes_on AFTER INSERT ON runs BEGIN
    DELETE FROM wholes WHERE directory = new.part_of;
END;
CREATE TRIGGER whole_moved AFTER UPDATE OF part_of ON runs WHEN new.part_of <> old.part_of BEGIN
    -- not OR IGNORE: how the statement that pulled it resolves conflicts would count here too
    INSERT INTO wholes (directory, state, answer)
        SELECT new.part_of, state, answer FROM wholes WHERE directory = old.part_of
            AND NOT EXISTS (SELECT 1 FROM wholes WHERE directory = new.part_of);
    DELETE FROM wholes WHERE directory = old.part_of
        AND NOT EXISTS (SELECT 1 FROM runs WHERE part_of = old.part_of);
END;
CREATE TRIGGER whole_forgotten AFTER DELETE ON runs BEGIN
    DELETE FROM wholes WHERE directory = old.part_of
        AND NOT EXISTS (SELECT 1 FROM runs WHERE part_of = old.part_of);
END;
)sql",
};

/// A directory that is there already keeps its number and its tags. Of another run it was freed
/// before.
inline constexpr std::string_view put_run = R"sql(
INSERT INTO runs (directory, run_id, kind, part_of, started_unix_ns, exit_code, valid, ended_early,
    url, api, model, quantization, server, parallel, unified_kv, context_length, labels, summary,
    state)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (directory) DO UPDATE SET run_id = excluded.run_id, kind = excluded.kind,
    part_of = excluded.part_of, started_unix_ns = excluded.started_unix_ns,
    exit_code = excluded.exit_code, valid = excluded.valid, ended_early = excluded.ended_early,
    url = excluded.url, api = excluded.api, model = excluded.model,
    quantization = excluded.quantization, server = excluded.server, parallel = excluded.parallel,
    unified_kv = excluded.unified_kv, context_length = excluded.context_length,
    labels = excluded.labels, summary = excluded.summary, state = excluded.state
RETURNING id)sql";

inline constexpr std::string_view drop_levels = "DELETE FROM levels WHERE run = ?";

inline constexpr std::string_view drop_model = "DELETE FROM models WHERE run = ?";
inline constexpr std::string_view put_model = R"sql(
INSERT INTO models (run, key, architecture, format, params, quantization, size_bytes)
VALUES (?, ?, ?, ?, ?, ?, ?))sql";

inline constexpr std::string_view put_level = R"sql(
INSERT INTO levels (run, level, api, model, streams, rate, offered, completed, failed,
    output_tokens_per_second, requests_per_second, ttft_p50_ms, ttft_p95_ms, itl_p50_ms, e2e_p50_ms,
    tpot_p50_ms, slo_attainment)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

inline constexpr std::string_view put_whole = R"sql(
INSERT INTO wholes (directory, state, answer)
SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM runs WHERE part_of = ?1)
ON CONFLICT (directory) DO UPDATE SET state = excluded.state, answer = excluded.answer)sql";

/// A parameter that is null leaves its condition out. Parameters: number, number of the run before
/// which, part of the model's name, kind, tag, run id, since when.
#define LMSTRESS_RUNS_THAT_ARE_WANTED                                                       \
    "WHERE (?1 IS NULL OR id = ?1)"                                                         \
    " AND (?2 IS NULL OR (started_unix_ns, id) <"                                           \
    " (SELECT b.started_unix_ns, b.id FROM runs AS b WHERE b.id = ?2))"                     \
    " AND (?3 IS NULL OR instr(lower(model), lower(?3)) > 0) AND (?4 IS NULL OR kind = ?4)" \
    " AND (?5 IS NULL OR EXISTS (SELECT 1 FROM tags WHERE run = id AND tag = ?5))"          \
    " AND (?6 IS NULL OR run_id = ?6) AND (?7 IS NULL OR started_unix_ns >= ?7)"

/// And how many at most. Newest first, by when they were made: an old one may be imported last.
inline constexpr std::string_view list_runs =
    "SELECT id, directory, run_id, kind, part_of, started_unix_ns, exit_code, valid, ended_early,"
    " url, api, model, quantization, server, parallel, unified_kv, context_length, labels, state"
    " FROM runs " LMSTRESS_RUNS_THAT_ARE_WANTED " ORDER BY started_unix_ns DESC, id DESC LIMIT ?8";
inline constexpr std::string_view count_runs =
    "SELECT count(*) FROM runs " LMSTRESS_RUNS_THAT_ARE_WANTED;
#undef LMSTRESS_RUNS_THAT_ARE_WANTED

inline constexpr std::string_view levels_of = R"sql(
SELECT level, api, model, streams, rate, offered, completed, failed, output_tokens_per_second,
    requests_per_second, ttft_p50_ms, ttft_p95_ms, itl_p50_ms, e2e_p50_ms, tpot_p50_ms,
    slo_attainment
FROM levels WHERE run = ? ORDER BY level)sql";

inline constexpr std::string_view model_of = R"sql(
SELECT key, architecture, format, params, quantization, size_bytes FROM models WHERE run = ?)sql";
inline constexpr std::string_view whole_of = "SELECT state, answer FROM wholes WHERE directory = ?";
inline constexpr std::string_view tags_of = "SELECT tag FROM tags WHERE run = ? ORDER BY tag";
inline constexpr std::string_view summary_of = "SELECT summary FROM runs WHERE id = ?";
/// Entries of one and the same run, which a result that was copied has several of.
inline constexpr std::string_view same_run =
    "SELECT id, directory FROM runs WHERE run_id = ? AND started_unix_ns = ? ORDER BY id";
/// Who has a directory where another run is now.
inline constexpr std::string_view other_run_there =
    "SELECT id FROM runs WHERE directory = ? AND NOT (run_id = ? AND started_unix_ns = ?)";
inline constexpr std::string_view move_run = "UPDATE runs SET directory = ? WHERE id = ?";
/// What is part of that sweep, search or comparison, where that run is.
inline constexpr std::string_view parts_with =
    "SELECT id, directory, run_id, started_unix_ns FROM runs WHERE part_of = ?1 AND ?1 <> ''"
    " AND EXISTS (SELECT 1 FROM runs WHERE id = ?2 AND part_of = ?1)";
inline constexpr std::string_view move_part = "UPDATE runs SET part_of = ? WHERE id = ?";
inline constexpr std::string_view put_tag = "INSERT OR IGNORE INTO tags (run, tag) VALUES (?, ?)";
inline constexpr std::string_view drop_tag = "DELETE FROM tags WHERE run = ? AND tag = ?";
inline constexpr std::string_view drop_run = "DELETE FROM runs WHERE id = ?";
inline constexpr std::string_view drop_place = "DELETE FROM runs WHERE directory = ?";

}  // namespace lmstress::store::sql
