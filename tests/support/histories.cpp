#include "support/histories.hpp"

#include "store/journal.hpp"
#include "store/run_json.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <utility>

namespace test {

using namespace lmstress;
namespace fs = std::filesystem;

store::history_entry entry_at(const fs::path& directory) {
    store::history_entry e{.directory = directory.string(), .run_id = "k3x9" + directory.string()};
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

store::history_entry moved_to(store::history_entry e, const fs::path& directory) {
    e.directory = directory.string();
    e.tags.clear();
    return e;
}

store::history opened(const fs::path& file) {
    auto h = store::history::open(file);
    REQUIRE_MESSAGE(h.has_value(), (h ? "" : h.error().message));
    return *std::move(h);
}

fs::path scratch_history::at(std::string_view name) const {
    return directory.path() / name;
}

store::history_entry scratch_history::result_at(const fs::path& place,
                                                const std::string& run_id) const {
    store::history_entry e = entry_at(place);
    e.run_id = run_id;
    e.tags = {run_id};
    fs::create_directories(place);
    run_setup setup;
    setup.id = run_id;
    setup.started_unix_ns = e.started_unix_ns;
    setup.scenario_json = "{}";
    for (const auto& [name, text] : {std::pair{"run.jsonl", store::run_line(setup)},
                                     std::pair{"requests.jsonl", std::string{}}}) {
        REQUIRE(store::write_file(place / name, text).has_value());
    }
    return e;
}

std::int64_t scratch_history::put(const store::history_entry& e, const std::string& summary_json) {
    const auto id = runs.put(e, summary_json);
    REQUIRE_MESSAGE(id.has_value(), (id ? "" : id.error().message));
    return *id;
}

store::history_entry scratch_history::row(std::int64_t id) {
    const auto found = runs.list({.id = id});
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 1);
    return found->front();
}

std::string scratch_history::summary_of(std::int64_t id) {
    const auto text = runs.summary_of(id);
    REQUIRE(text.has_value());
    return text->value_or("none");
}

std::int64_t scratch_history::count() {
    const auto n = runs.count({});
    REQUIRE(n.has_value());
    return *n;
}

void scratch_history::by_hand(std::string_view sql) const {
    auto db = store::sqlite::open(file, std::chrono::seconds{1});
    REQUIRE(db.has_value());
    db->run(sql);
    REQUIRE_MESSAGE(db->failed().has_value(), std::string{sql});
}

}  // namespace test
