#include "dashboard/data_api.hpp"

#include "dashboard/stats.hpp"
#include "measure/setup_json.hpp"
#include "report/prometheus_text.hpp"
#include "store/history_json.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <span>
#include <tuple>

namespace lmstress::dashboard {
namespace {

namespace fs = std::filesystem;
using store::history_entry;

/// Of the newest runs, so that a page never waits for the whole of a long history.
constexpr std::int64_t runs_in_a_chart = 10'000;
constexpr std::int64_t runs_in_a_list = 500;
/// A journal that is read for a page is read as a whole.
constexpr std::uintmax_t largest_journal = 512UL * 1024 * 1024;

/// What a filter says that is none; nothing: it is one.
std::optional<http_answer> read_filter(const http_request& r, store::history_filter& f) {
    const auto text = [&](std::string_view name, std::optional<std::string>& into) {
        if (const auto v = r.parameter(name); !v.empty()) into = std::string{v};
    };
    const auto number = [&](std::string_view name, auto& into) {
        const auto v = r.parameter(name);
        if (v.empty()) return true;
        const auto n = whole_number_in(v);
        if (n) into = *n;
        return n.has_value();
    };
    text("model", f.model);
    text("tag", f.tag);
    f.limit = 50;
    std::optional<std::int64_t> days;
    if (!number("limit", f.limit) || !number("before", f.before) || !number("days", days)) {
        return refusal(400, "limit, before and days are whole numbers");
    }
    f.limit = std::clamp<std::int64_t>(f.limit, 1, runs_in_a_list);
    if (days) {
        const auto since = std::chrono::system_clock::now().time_since_epoch() -
                           std::chrono::hours{24 * std::min<std::int64_t>(*days, 36'500)};
        f.since_unix_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
    }
    if (const auto kind = r.parameter("kind"); !kind.empty()) {
        f.kind = store::run_kind_named(kind);
        if (!f.kind) return refusal(400, "kind is run, sweep, capacity or compare");
    }
    return std::nullopt;
}

http_answer no_such_run(std::int64_t id) {
    return refusal(404, fmt::format("the history has no run {}", id));
}

bool is_there(const fs::path& directory) {
    std::error_code ec;
    return fs::exists(directory / "run.jsonl", ec);
}

}  // namespace

std::optional<std::int64_t> whole_number_in(std::string_view text) {
    constexpr std::size_t most_digits = 18;
    if (text.empty() || text.size() > most_digits) return std::nullopt;
    std::int64_t n = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (ec != std::errc{} || end != text.data() + text.size() || n < 0) return std::nullopt;
    return n;
}

std::int64_t unix_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::uint64_t seen_before(const http_request& r) {
    const auto by_header = whole_number_in(r.last_event_id).value_or(0);
    const auto by_page = whole_number_in(r.parameter("after")).value_or(0);
    return static_cast<std::uint64_t>(std::max(by_header, by_page));
}

std::optional<numbered_path> number_after(std::string_view prefix, std::string_view path) {
    if (!path.starts_with(prefix)) return std::nullopt;
    path.remove_prefix(prefix.size());
    const std::size_t end = std::min(path.find('/'), path.size());
    const auto n = whole_number_in(path.substr(0, end));
    if (!n) return std::nullopt;
    return numbered_path{*n, path.substr(end)};
}

result<store::history> data_api::open() const {
    return store::history::open_to_read(file_);
}

bool data_api::is_long(std::string_view path) {
    return path == "/api/compare" || path.ends_with("/report");
}

http_answer data_api::answer(const http_request& r) const {
    if (r.path == "/api/runs") return list(r);
    if (r.path == "/api/compare") return compare(r);
    if (r.path == "/api/dashboard/stats") return chart(r, stats_json);
    if (r.path == "/api/speed") return chart(r, speed_json);
    if (r.path == "/api/best") return chart(r, best_json);
    const auto run = number_after("/api/runs/", r.path);
    if (run && run->rest.empty()) return one(run->number);
    if (run && run->rest == "/report") return report(run->number);
    return refusal(404, "the dashboard has nothing of that name");
}

http_answer data_api::list(const http_request& r) const {
    store::history_filter f;
    if (auto wrong = read_filter(r, f)) return *std::move(wrong);
    auto in = open();
    if (!in) return refusal(503, in.error());
    const auto runs = in->list(f);
    if (!runs) return refusal(503, runs.error());
    store::history_filter all = f;
    all.before.reset();
    const auto total = in->count(all);
    if (!total) return refusal(503, total.error());
    return json_answer(store::history_list_json(*runs, *total, f.limit));
}

http_answer data_api::one(std::int64_t id) const {
    auto in = open();
    if (!in) return refusal(503, in.error());
    const auto runs = in->list({.id = id, .limit = 1});
    if (!runs) return refusal(503, runs.error());
    if (runs->empty()) return no_such_run(id);
    const auto summary = in->summary_of(id);
    if (!summary) return refusal(503, summary.error());
    const history_entry& run = runs->front();
    std::string body;
    wire::json_writer w{body};
    w.begin_object().key("run");
    store::write_row(w, run);
    w.key("levels");
    store::write_levels(w, run);
    if (run.about_model) {
        measure::write(w, *run.about_model);
    } else {
        w.key("model").null();
    }
    w.field("directory_exists", is_there(run.directory));
    w.key("summary").laid_out(summary->value_or("null")).end_object();
    return json_answer(std::move(body));
}

boost::system::result<fs::path, http_answer> data_api::place_of(std::int64_t id) const {
    auto in = open();
    if (!in) return refusal(503, in.error());
    const auto runs = in->list({.id = id, .limit = 1});
    if (!runs) return refusal(503, runs.error());
    if (runs->empty()) return no_such_run(id);
    fs::path directory = runs->front().directory;
    if (!is_there(directory)) {
        return refusal(410,
                       fmt::format("the directory of run {} is gone: {}", id, directory.string()));
    }
    std::error_code ec;
    if (fs::file_size(directory / "requests.jsonl", ec) > largest_journal && !ec) {
        return refusal(413, fmt::format("the requests of run {} are too many for a page", id),
                       "lmstress report " + directory.string() + " has no such limit.");
    }
    return directory;
}

http_answer data_api::report(std::int64_t id) const {
    const auto place = place_of(id);
    if (!place) return place.error();
    auto made = readers_.report(*place);
    if (!made) return refusal(500, made.error());
    return json_answer(*std::move(made));
}

http_answer data_api::compare(const http_request& r) const {
    const auto a = whole_number_in(r.parameter("a"));
    const auto b = whole_number_in(r.parameter("b"));
    if (!a || !b) return refusal(400, "a and b are the numbers of two runs");
    const auto first = place_of(*a);
    if (!first) return first.error();
    const auto second = place_of(*b);
    if (!second) return second.error();
    const auto compared = readers_.compare(*first, *second, r.parameter("force") == "1");
    if (!compared) return refusal(422, compared.error());
    if (compared->other_work.empty()) return json_answer(compared->json);
    std::string body;
    wire::json_writer w{body};
    w.begin_object().field("error", "the two runs are not of the same work");
    w.field("advice", "Compare them all the same with force=1.").key("other_work").begin_array();
    for (const std::string& sentence : compared->other_work) w.value(sentence);
    w.end_array().end_object();
    return json_answer(std::move(body), 409);
}

http_answer data_api::chart(const http_request& r,
                            std::string (*make)(std::span<const history_entry>)) const {
    store::history_filter f;
    if (auto wrong = read_filter(r, f)) return *std::move(wrong);
    f.limit = runs_in_a_chart;
    auto in = open();
    if (!in) return refusal(503, in.error());
    const auto runs = in->list(f);
    if (!runs) return refusal(503, runs.error());
    return json_answer(make(*runs));
}

std::int64_t data_api::runs() const {
    auto in = open();
    const auto n = in ? in->count({}) : result<std::int64_t>{in.error()};
    return n ? *n : 0;
}

std::string data_api::metrics() const {
    auto in = open();
    const auto runs =
        in ? in->list({.limit = runs_in_a_chart}) : result<std::vector<history_entry>>{in.error()};
    report::prometheus_text out;
    out.gauge("lmstress_history_readable", "1 where the history can be read.");
    out.sample(runs ? 1 : 0);
    if (!runs) return std::move(out).take();
    const auto total = in->count({});
    out.gauge("lmstress_history_runs", "Runs in the history.");
    out.sample(total ? static_cast<double>(*total) : 0);
    if (runs->empty()) return std::move(out).take();
    out.gauge("lmstress_history_last_run_timestamp_seconds", "When the newest run began.");
    out.sample(static_cast<double>(runs->front().started_unix_ns) / 1e9);
    std::map<std::tuple<std::string, std::string, std::int64_t>, double> newest;
    for (const history_entry& run : *runs) {
        if (const auto speed = speed_of(run)) {
            const auto streams = store::fastest_full_level(run)->streams.value_or(0);
            newest.try_emplace({run.model, run.quantization, streams}, *speed);
        }
    }
    if (newest.empty()) return std::move(out).take();
    out.gauge(
        "lmstress_history_output_tokens_per_second",
        "Output of the fastest level of the newest valid run of a model with so many streams.");
    for (const auto& [of, speed] : newest) {
        const auto& [model, quantization, streams] = of;
        out.sample(speed, {{"model", model},
                           {"quantization", quantization},
                           {"streams", fmt::format("{}", streams)}});
    }
    return std::move(out).take();
}

}  // namespace lmstress::dashboard
