#include "store/run_json.hpp"

#include "lmstress/version.hpp"
#include "measure/setup_json.hpp"
#include "store/json_lines.hpp"
#include "store/record_json.hpp"
#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <stdexcept>

namespace lmstress::store {

namespace json = boost::json;

namespace {

std::string string_at(const json::object& o, std::string_view key) {
    return std::string{std::string_view{o.at(key).as_string()}};
}

template <class T>
server_setting<T> setting_of(const json::object& o, std::string_view key) {
    const json::object& from = o.at(key).as_object();
    const auto read = [&](std::string_view name) -> std::optional<T> {
        const json::value& v = from.at(name);
        if (v.is_null()) return std::nullopt;
        if constexpr (std::is_same_v<T, bool>) {
            return v.as_bool();
        } else {
            return v.to_number<T>();
        }
    };
    server_setting<T> s{read("requested"), read("confirmed"), {}};
    if (from.at("source").is_string()) s.source = string_at(from, "source");
    return s;
}

void write_window(wire::json_writer& w, const level_course& c) {
    const auto ns = [](std::optional<nanoseconds> t) {
        return t ? std::optional{t->count()} : std::nullopt;
    };
    w.field("window_begin_ns", ns(c.window_begin)).field("window_end_ns", ns(c.window_end));
}

level_course window_of(const json::object& o) {
    const auto read = [&](std::string_view name) -> std::optional<nanoseconds> {
        const json::value& v = o.at(name);
        if (v.is_null()) return std::nullopt;
        return nanoseconds{v.to_number<std::int64_t>()};
    };
    return {.window_begin = read("window_begin_ns"), .window_end = read("window_end_ns")};
}

/// Kept where the user changed one.
void write_limits(wire::json_writer& w, const validity_limits& l) {
    w.key("validity_limits").begin_object().field("read_lag_ns", l.read_lag.count());
    w.field("event_loop_lag_ns", l.event_loop_lag.count());
    w.field("send_lag_ns", l.send_lag.count())
        .field("client_cpu_percent", l.client_cpu_percent)
        .end_object();
}

validity_limits limits_of(const json::object& o) {
    const auto read = [&](std::string_view name) {
        return nanoseconds{o.at(name).to_number<std::int64_t>()};
    };
    return {.read_lag = read("read_lag_ns"),
            .event_loop_lag = read("event_loop_lag_ns"),
            .send_lag = read("send_lag_ns"),
            .client_cpu_percent = o.at("client_cpu_percent").to_number<std::uint32_t>()};
}

std::string text_or_null_at(const json::object& o, std::string_view key) {
    return o.at(key).is_null() ? std::string{} : string_at(o, key);
}

server_hardware hardware_of(const json::object& o) {
    const auto bytes = [&](std::string_view key) -> std::optional<std::uint64_t> {
        const json::value& v = o.at(key);
        if (v.is_null()) return std::nullopt;
        return v.to_number<std::uint64_t>();
    };
    server_hardware h{.cpu = text_or_null_at(o, "cpu"),
                      .ram_bytes = bytes("ram_bytes"),
                      .vram_bytes = bytes("vram_bytes")};
    for (const json::value& v : o.at("gpus").as_array()) {
        const json::object& gpu = v.as_object();
        h.gpus.push_back({string_at(gpu, "name"), gpu.at("memory_bytes").to_number<std::uint64_t>(),
                          text_or_null_at(gpu, "platform")});
    }
    return h;
}

server_facts facts_of(const json::object& o) {
    server_facts f{.software = string_at(o, "software"),
                   .version = text_or_null_at(o, "version"),
                   .build = text_or_null_at(o, "build")};
    for (const json::value& runtime : o.at("runtimes").as_array()) {
        f.runtimes.emplace_back(std::string_view{runtime.as_string()});
    }
    const json::value& hardware = o.at("hardware");
    if (!hardware.is_null()) f.hardware = hardware_of(hardware.as_object());
    return f;
}

model_facts model_of(const json::object& o) {
    model_facts m{.key = string_at(o, "key"),
                  .architecture = text_or_null_at(o, "architecture"),
                  .format = text_or_null_at(o, "format"),
                  .params = text_or_null_at(o, "params"),
                  .quantization = text_or_null_at(o, "quantization")};
    const json::value& size = o.at("size_bytes");
    if (!size.is_null()) m.size_bytes = size.to_number<std::uint64_t>();
    return m;
}

merged_part part_of(const json::object& o) {
    return {.name = string_at(o, "name"),
            .id = string_at(o, "id"),
            .started_unix_ns = o.at("started_unix_ns").to_number<std::int64_t>(),
            .moved = nanoseconds{o.at("moved_ns").to_number<std::int64_t>()},
            .valid = o.at("valid").as_bool(),
            .reason = text_or_null_at(o, "reason")};
}

run_setup setup_of(const json::object& o) {
    run_setup s;
    s.id = string_at(o, "id");
    s.started_unix_ns = o.at("started_unix_ns").to_number<std::int64_t>();
    s.started_monotonic_ns = o.at("started_monotonic_ns").to_number<std::int64_t>();
    s.seed = o.at("seed").to_number<std::uint64_t>();
    s.scenario_json = string_at(o, "scenario");
    if (!wire::parse_nested(s.scenario_json).is_object()) throw std::invalid_argument{"scenario"};
    for (const auto& label : o.at("labels").as_object()) {
        s.labels.emplace_back(std::string{label.key()}, label.value().as_string().c_str());
    }
    if (const json::value* thresholds = o.if_contains("thresholds")) {
        for (const json::value& text : thresholds->as_array()) {
            s.thresholds.emplace_back(std::string_view{text.as_string()});
        }
    }
    if (const json::value* limits = o.if_contains("validity_limits")) {
        s.validity = limits_of(limits->as_object());
    }
    if (const json::value* server = o.if_contains("server")) {
        s.server = facts_of(server->as_object());
    }
    if (const json::value* model = o.if_contains("model")) {
        s.model = model_of(model->as_object());
    }
    if (const json::value* check = o.if_contains("selfcheck")) {
        s.selfcheck = selfcheck_note_of(check->as_object());
    }
    if (const json::value* hashes = o.if_contains("file_hashes")) {
        for (const auto& hash : hashes->as_object()) {
            s.file_hashes.emplace_back(std::string{hash.key()}, hash.value().as_string().c_str());
        }
    }
    if (const json::value* parts = o.if_contains("merged")) {
        for (const json::value& part : parts->as_array()) {
            s.parts.push_back(part_of(part.as_object()));
        }
    }
    return s;
}

open_load open_load_of(const json::object& o) {
    return {.arrivals = string_at(o, "arrivals"),
            .requested_rate = wire::as_written(o.at("requested_rate").to_number<double>()),
            .steady = o.at("steady").as_bool()};
}

level_setup level_of(const json::object& o) {
    level_setup s;
    s.index = o.at("level").to_number<std::uint32_t>();
    s.concurrency = o.at("concurrency").to_number<std::uint32_t>();
    if (const json::value* open = o.if_contains("open_loop"))
        s.open = open_load_of(open->as_object());
    if (const json::value* slo = o.if_contains("slo_ns")) {
        for (std::size_t i = 0; i < slo_metric_count; ++i) {
            const json::value* below = slo->as_object().if_contains(slo_metric_words[i]);
            if (below != nullptr) s.slo.below[i] = nanoseconds{below->to_number<std::int64_t>()};
        }
    }
    const json::object& target = o.at("target").as_object();
    s.target = {string_at(target, "url"), string_at(target, "api"), string_at(target, "model")};
    const json::object& server = o.at("server").as_object();
    s.server.parallel = setting_of<std::uint64_t>(server, "parallel");
    s.server.unified_kv = setting_of<bool>(server, "unified_kv");
    s.server.context_length = setting_of<std::uint64_t>(server, "context_length");
    if (server.at("quantization").is_string()) {
        s.server.quantization = string_at(server, "quantization");
    }
    if (const json::value& n = server.at("loaded_instances"); n.is_number()) {
        s.server.loaded_instances = n.to_number<std::uint64_t>();
    }
    if (const json::value* words = o.if_contains("left_out")) {
        for (const json::value& word : words->as_array()) {
            s.left_out.emplace_back(std::string_view{word.as_string()});
        }
    }
    if (const json::value* found = o.if_contains("calibration")) {
        const json::object& c = found->as_object();
        s.calibration = prompt_calibration{
            .overhead = c.at("overhead_tokens").to_number<double>(),
            .tokens_per_word = c.at("tokens_per_word").to_number<double>(),
            .largest_residual = c.at("largest_residual_tokens").to_number<double>(),
            .requests = c.at("requests").to_number<std::uint64_t>()};
    }
    return s;
}

client_figures client_of(const json::object& o) {
    return {.cpu = nanoseconds{o.at("cpu_ns").to_number<std::int64_t>()},
            .wall = nanoseconds{o.at("wall_ns").to_number<std::int64_t>()},
            .max_rss_bytes = o.at("max_rss_bytes").to_number<std::uint64_t>(),
            .read_lag = histogram_of(o.at("read_lag")),
            .loop_lag = o.contains("event_loop_lag") ? histogram_of(o.at("event_loop_lag"))
                                                     : sparse_histogram{}};
}

void take(run_notes& notes, const json::object& o) {
    const std::string event = string_at(o, "event");
    if (event == "run") {
        notes.setup = setup_of(o);
    } else if (event == "level_begin") {
        notes.levels.push_back({level_of(o), window_of(o), false});
    } else if (event == "level_end") {
        auto& level = notes.levels.at(o.at("level").to_number<std::size_t>());
        level.course = window_of(o);
        level.course.client = client_of(o.at("client").as_object());
        if (const json::value* time = o.if_contains("in_flight_ns")) {
            level.course.in_flight_time = nanoseconds{time->to_number<std::int64_t>()};
        }
        level.ended = true;
    } else if (event == "server_state") {
        notes.server_states.push_back({nanoseconds{o.at("at_ns").to_number<std::int64_t>()},
                                       string_at(o, "status"),
                                       o.at("queued").to_number<std::uint64_t>(),
                                       o.at("in_flight").to_number<std::uint64_t>()});
    } else if (event == "run_end") {
        notes.exit_code = o.at("exit_code").to_number<int>();
        notes.ended_early = string_at(o, "ended_early");
    }
}

}  // namespace

selfcheck_note selfcheck_note_of(const json::object& o) {
    selfcheck_note n{.started_unix_ns = o.at("started_unix_ns").to_number<std::int64_t>()};
    const auto streams = o.at("streams").to_number<std::uint32_t>();
    if (streams == 0) return n;
    n.held = {.streams = streams,
              .events_per_second = o.at("events_per_second").to_number<double>(),
              .requests = o.contains("requests") ? o.at("requests").to_number<std::uint64_t>() : 0,
              .ttft_error_p99_ms = o.at("ttft_error_p99_ms").to_number<double>(),
              .gap_error_p99_ms = o.at("gap_error_p99_ms").to_number<double>()};
    return n;
}

std::string run_line(const run_setup& s) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("event", "run").field("schema", "lmstress.run/1");
    w.key("tool").begin_object().field("name", "lmstress").field("version", version).end_object();
    w.field("id", s.id).field("started_unix_ns", s.started_unix_ns);
    w.field("started_monotonic_ns", s.started_monotonic_ns).field("seed", s.seed);
    // As text: what it says is kept to the byte.
    w.field("scenario", s.scenario_json).key("labels").begin_object();
    for (const auto& [key, value] : s.labels) w.field(key, value);
    w.end_object();
    if (!s.thresholds.empty()) {
        w.key("thresholds").begin_array();
        for (const std::string& text : s.thresholds) w.value(text);
        w.end_array();
    }
    if (!(s.validity == validity_limits{})) write_limits(w, s.validity);
    measure::write(w, s.server);
    if (s.model) measure::write(w, *s.model);
    if (s.selfcheck) {
        w.key("selfcheck");
        measure::write(w, *s.selfcheck);
    }
    measure::write_file_hashes(w, s);
    measure::write_parts(w, s);
    w.end_object();
    return out + '\n';
}

std::string level_begin_line(const level_setup& s, const level_course& planned) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("event", "level_begin").field("level", s.index);
    w.key("target").begin_object().field("url", s.target.url).field("api", s.target.api);
    w.field("model", s.target.model).end_object().key("server");
    measure::write(w, s.server);
    w.field("concurrency", s.concurrency);
    if (s.open) {
        w.key("open_loop").begin_object().field("arrivals", s.open->arrivals);
        w.field("requested_rate", s.open->requested_rate).field("steady", s.open->steady);
        w.end_object();
    }
    if (s.slo.any()) {
        w.key("slo_ns").begin_object();
        for (std::size_t i = 0; i < slo_metric_count; ++i) {
            if (s.slo.below[i]) w.field(slo_metric_words[i], s.slo.below[i]->count());
        }
        w.end_object();
    }
    measure::write_left_out(w, s);
    measure::write_calibration(w, s);
    write_window(w, planned);
    w.end_object();
    return out + '\n';
}

std::string level_end_line(const level_setup& s, const level_course& course) {
    const client_figures client = course.client.value_or(client_figures{});
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("event", "level_end").field("level", s.index);
    write_window(w, course);
    w.key("client").begin_object().field("cpu_ns", client.cpu.count());
    w.field("wall_ns", client.wall.count()).field("max_rss_bytes", client.max_rss_bytes);
    w.key("read_lag");
    write(w, client.read_lag);
    w.key("event_loop_lag");
    write(w, client.loop_lag);
    w.end_object();
    if (course.in_flight_time) w.field("in_flight_ns", course.in_flight_time->count());
    w.end_object();
    return out + '\n';
}

std::string server_state_line(const server_state& s) {
    std::string out;
    wire::json_writer{out}
        .begin_object()
        .field("event", "server_state")
        .field("at_ns", s.at.count())
        .field("status", s.status)
        .field("queued", s.queued)
        .field("in_flight", s.in_flight)
        .end_object();
    return out + '\n';
}

std::string run_end_line(int exit_code, const std::string& ended_early) {
    std::string out;
    wire::json_writer{out}
        .begin_object()
        .field("event", "run_end")
        .field("exit_code", exit_code)
        .field("ended_early", ended_early)
        .end_object();
    return out + '\n';
}

result<run_notes> read_run_notes(std::string_view content) {
    run_notes notes;
    const auto bad = take_json_lines(content, [&](const json::object& line) { take(notes, line); });
    if (bad) {
        return error{
            errc::bad_file, "run.jsonl line " + std::to_string(*bad) + " is not as it was written",
            "Without it nothing is known of the levels; requests.jsonl may still be whole."};
    }
    if (notes.setup.id.empty())
        return error{errc::bad_file, "run.jsonl does not begin with its run"};
    return notes;
}

}  // namespace lmstress::store
