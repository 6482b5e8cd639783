#include "store/record_json.hpp"

#include "measure/setup_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <charconv>
#include <stdexcept>
#include <utility>

namespace lmstress::store {

namespace json = boost::json;

namespace {

void write_error(wire::json_writer& w, const request_error& e) {
    w.begin_object().key("kind");
    // A timeout's kind names the phase that it passed in.
    if (e.timed_out_in) {
        w.value("timeout_" + std::string{to_string(*e.timed_out_in)});
    } else {
        w.value(e.kind ? std::optional{to_string(*e.kind)} : std::nullopt);
    }
    w.key("http_status");
    if (e.http_status == 0) {
        w.null();
    } else {
        w.value(e.http_status);
    }
    w.field("message", e.message).end_object();
}

request_error error_of(const json::object& o) {
    constexpr std::string_view timeout = "timeout_";
    request_error e;
    if (const json::value& kind = o.at("kind"); kind.is_string()) {
        const std::string_view name = kind.get_string();
        if (name.starts_with(timeout)) e.timed_out_in = phase_named(name.substr(timeout.size()));
        e.kind = failure_kind_named(name);
    }
    if (const json::value& status = o.at("http_status"); status.is_number()) {
        e.http_status = status.to_number<int>();
    }
    e.message = std::string{std::string_view{o.at("message").as_string()}};
    return e;
}

std::optional<run_phase> run_phase_named(std::string_view name) {
    for (const run_phase p : {run_phase::warmup, run_phase::measured}) {
        if (to_string(p) == name) return p;
    }
    return std::nullopt;
}

/// A name that this version does not know makes the line unreadable: what it means is not guessed.
template <class Enum>
Enum known(std::optional<Enum> value, const char* key) {
    if (!value) throw std::out_of_range{key};
    return *value;
}

template <class T>
std::optional<T> optional_at(const json::object& o, std::string_view key) {
    const json::value& v = o.at(key);
    return v.is_null() ? std::nullopt : std::optional{v.to_number<T>()};
}

std::string string_at(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr || !v->is_string()) return {};
    return std::string{std::string_view{v->get_string()}};
}

/// Boost.JSON 1.81 reads some decimals to the neighbour of the nearest double, which would make a
/// summary that is rebuilt differ in its last digit. So the few that a line holds are read from its
/// text. They stand in the last object of the line, `server`.
std::optional<double> exact_double(std::string_view line, std::string_view key) {
    const std::size_t at = line.rfind(key);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view rest = line.substr(at + key.size());
    double value = 0;
    const auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return ec == std::errc{} ? std::optional{value} : std::nullopt;
}

conversation_turn turn_of(const json::object& o) {
    return {.conversation = o.at("conversation").to_number<std::uint64_t>(),
            .turn = o.at("turn").to_number<std::uint32_t>(),
            .turns = o.at("turns").to_number<std::uint32_t>()};
}

tool_span tool_span_of(const json::object& o) {
    const auto time = [&](std::string_view key) -> std::optional<nanoseconds> {
        const auto ns = optional_at<std::int64_t>(o, key);
        return ns ? std::optional{nanoseconds{*ns}} : std::nullopt;
    };
    return {.name = string_at(o, "tool"),
            .start = nanoseconds{o.at("start_ns").to_number<std::int64_t>()},
            .called = time("called_ns"),
            .end = time("end_ns"),
            .failed = o.at("failed").as_bool()};
}

engine_facts engine_of(const json::object& o) {
    const json::object& model = o.at("model_info").as_object();
    const json::object& runtime = o.at("runtime").as_object();
    return {.arch = string_at(model, "arch"),
            .quant = string_at(model, "quant"),
            .format = string_at(model, "format"),
            .context_length = optional_at<std::uint64_t>(model, "context_length"),
            .runtime = string_at(runtime, "name"),
            .runtime_version = string_at(runtime, "version")};
}

connection_figures tcp_of(const json::object& o) {
    return {.round_trip = nanoseconds{o.at("round_trip_ns").to_number<std::int64_t>()},
            .retransmits = o.at("retransmits").to_number<std::uint32_t>(),
            .out_of_order = o.at("out_of_order").to_number<std::uint32_t>(),
            .connect_retransmits = o.contains("connect_retransmits")
                                       ? o.at("connect_retransmits").to_number<std::uint32_t>()
                                       : 0};
}

draft_counts draft_of(const json::object& o) {
    draft_counts d{.total = o.at("total").to_number<std::uint64_t>(),
                   .accepted = o.at("accepted").to_number<std::uint64_t>(),
                   .rejected = o.at("rejected").to_number<std::uint64_t>()};
    if (o.contains("ignored")) d.ignored = o.at("ignored").to_number<std::uint64_t>();
    if (o.contains("model")) d.model = string_at(o, "model");
    return d;
}

/// What few servers say, where this one did.
void read_rarities(const json::object& o, request_record& r) {
    if (o.contains("cache_creation_tokens")) {
        r.cache_creation_tokens = optional_at<std::uint64_t>(o, "cache_creation_tokens");
    }
    if (const json::value* draft = o.if_contains("draft")) r.draft = draft_of(draft->as_object());
    r.stop_reason = string_at(o, "stop_reason");
    if (o.contains("model_info")) r.engine = engine_of(o);
}

void write_rarities(wire::json_writer& w, const request_record& r) {
    if (r.cache_creation_tokens) w.field("cache_creation_tokens", *r.cache_creation_tokens);
    if (r.draft) measure::write(w, *r.draft);
    if (!r.stop_reason.empty()) w.field("stop_reason", r.stop_reason);
    if (r.engine) measure::write(w, *r.engine);
}

void write_tools(wire::json_writer& w, const request_record& r) {
    const auto ns = [](std::optional<nanoseconds> t) {
        return t ? std::optional{t->count()} : std::nullopt;
    };
    w.key("tool_calls").begin_array();
    for (const tool_span& span : r.tool_calls) {
        w.begin_object().field("tool", span.name).field("start_ns", span.start.count());
        w.field("called_ns", ns(span.called)).field("end_ns", ns(span.end));
        w.field("failed", span.failed).end_object();
    }
    w.end_array();
}

request_record read(const json::object& o, std::string_view line) {
    request_record r;
    r.request_id = string_at(o, "request_id");
    r.index = o.at("index").to_number<std::uint64_t>();
    r.level = o.at("level").to_number<std::uint32_t>();
    r.phase = known(run_phase_named(o.at("phase").as_string()), "phase");
    r.worker = o.at("worker").to_number<std::uint32_t>();
    r.ended = known(outcome_named(o.at("outcome").as_string()), "outcome");
    if (const json::value& e = o.at("error"); e.is_object()) r.error = error_of(e.get_object());
    for (std::size_t i = 0; i < moment_count; ++i) {
        const auto m = static_cast<moment>(i);
        const json::value* at = o.if_contains(std::string{to_string(m)} + "_ns");
        if (at != nullptr && at->is_number()) {
            r.moments.set(m, nanoseconds{at->to_number<std::int64_t>()});
        }
    }
    if (const json::value* cut = o.if_contains("cut_ns"); cut != nullptr && cut->is_number()) {
        r.cut = nanoseconds{cut->to_number<std::int64_t>()};
    }
    if (const json::value* broke = o.if_contains("failed_ns"); broke != nullptr) {
        r.broke = nanoseconds{broke->to_number<std::int64_t>()};
    }
    r.input_tokens = optional_at<std::uint64_t>(o, "input_tokens");
    if (o.contains("asked_tokens")) r.asked_tokens = optional_at<std::uint64_t>(o, "asked_tokens");
    r.cached_tokens = optional_at<std::uint64_t>(o, "cached_tokens");
    r.output_tokens = optional_at<std::uint64_t>(o, "output_tokens");
    r.reasoning_tokens = optional_at<std::uint64_t>(o, "reasoning_tokens");
    r.tokens_from = known(token_source_named(o.at("tokens_from").as_string()), "tokens_from");
    r.events = o.at("events").to_number<std::uint64_t>();
    r.window_events = o.at("window_events").to_number<std::uint64_t>();
    r.coalesced_events = o.at("coalesced_events").to_number<std::uint64_t>();
    r.unknown_events = o.at("unknown_events").to_number<std::uint64_t>();
    r.kernel_stamps = o.at("kernel_stamps").to_number<std::uint64_t>();
    r.user_stamps = o.at("user_stamps").to_number<std::uint64_t>();
    if (const json::value* events = o.if_contains("user_events")) {
        r.user_events = events->to_number<std::uint64_t>();
    }
    r.gaps = histogram_of(o.at("gaps"));
    if (const json::value* itl = o.if_contains("itl")) r.itl = histogram_of(*itl);
    if (const json::value* times = o.if_contains("event_ns")) {
        for (const json::value& t : times->as_array()) {
            r.event_times.emplace_back(t.to_number<std::int64_t>());
        }
    }
    if (const json::value* points = o.if_contains("prefill_progress")) {
        const json::array& all = points->as_array();
        for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
            r.prefill.push_back({nanoseconds{all[i].to_number<std::int64_t>()},
                                 all[i + 1].to_number<std::uint32_t>()});
        }
    }
    if (const json::value* remembered = o.if_contains("from_cache")) {
        r.from_cache = remembered->as_bool();
    }
    if (const json::value* turn = o.if_contains("turn")) r.turn = turn_of(turn->as_object());
    if (const json::value* calls = o.if_contains("tool_calls")) {
        for (const json::value& call : calls->as_array()) {
            r.tool_calls.push_back(tool_span_of(call.as_object()));
        }
    }
    if (const json::value* gaps = o.if_contains("tool_gaps_ns")) {
        r.tool_gaps = nanoseconds{gaps->to_number<std::int64_t>()};
    }
    read_rarities(o, r);
    if (const json::value* inputs = o.if_contains("inputs")) {
        r.inputs = inputs->to_number<std::uint64_t>();
    }
    if (const json::value* size = o.if_contains("vector_size")) {
        r.vector_size = size->to_number<std::uint64_t>();
    }
    r.finish_reason = string_at(o, "finish_reason");
    r.answered_by = string_at(o, "answered_by");
    r.model_mismatch = o.at("model_mismatch").as_bool();
    r.connection_reused = o.at("connection").as_string() == "reused";
    r.retries = o.at("retries").to_number<std::uint32_t>();
    if (const json::value* seen = o.if_contains("tcp")) r.connection = tcp_of(seen->as_object());
    if (!o.at("server").is_object()) throw std::out_of_range{"server"};
    r.server_ttft_ms = exact_double(line, "\"ttft_ms\":");
    r.server_tokens_per_second = exact_double(line, "\"tokens_per_second\":");
    r.server_load_ms = exact_double(line, "\"load_ms\":");
    return r;
}

void write_text_or_null(wire::json_writer& w, std::string_view key, const std::string& text) {
    w.field(key, text.empty() ? std::nullopt : std::optional{std::string_view{text}});
}

}  // namespace

void write(wire::json_writer& w, const sparse_histogram& h) {
    const exact_figures& e = h.exact();
    w.begin_object().field("count", e.count).field("sum_ns", e.sum_ns).field("min_ns", e.min_ns);
    w.field("max_ns", e.max_ns).field("overflow", e.overflow).key("cells").begin_array();
    for (const auto& c : h.cells()) w.value(c.index).value(c.count);
    w.end_array().end_object();
}

sparse_histogram histogram_of(const json::value& v) {
    const json::object& o = v.as_object();
    const exact_figures exact{.count = o.at("count").to_number<std::uint64_t>(),
                              .overflow = o.at("overflow").to_number<std::uint64_t>(),
                              .sum_ns = o.at("sum_ns").to_number<std::int64_t>(),
                              .min_ns = o.at("min_ns").to_number<std::int64_t>(),
                              .max_ns = o.at("max_ns").to_number<std::int64_t>()};
    std::vector<sparse_histogram::cell> cells;
    const json::array& flat = o.at("cells").as_array();
    for (std::size_t i = 0; i + 1 < flat.size(); i += 2) {
        const auto index = flat[i].to_number<std::uint32_t>();
        if (index >= histogram_layout::cell_count ||
            (!cells.empty() && index <= cells.back().index)) {
            throw std::out_of_range{"cells of a histogram"};
        }
        cells.push_back({index, flat[i + 1].to_number<std::uint32_t>()});
    }
    return {exact, std::move(cells)};
}

std::string to_line(const request_record& r) {
    std::string out;
    out.reserve(1024);
    wire::json_writer w{out};
    w.begin_object().field("request_id", r.request_id).field("index", r.index);
    w.field("level", r.level).field("phase", to_string(r.phase)).field("worker", r.worker);
    w.field("outcome", to_string(r.ended)).key("error");
    if (r.error) {
        write_error(w, *r.error);
    } else {
        w.null();
    }
    for (std::size_t i = 0; i < moment_count; ++i) {
        const auto m = static_cast<moment>(i);
        const auto at = r.moments.get(m);
        w.field(std::string{to_string(m)} + "_ns", at ? std::optional{at->count()} : std::nullopt);
    }
    if (r.cut) w.field("cut_ns", r.cut->count());
    if (r.broke) w.field("failed_ns", r.broke->count());
    w.field("input_tokens", r.input_tokens);
    if (r.asked_tokens) w.field("asked_tokens", *r.asked_tokens);
    w.field("cached_tokens", r.cached_tokens);
    w.field("output_tokens", r.output_tokens).field("reasoning_tokens", r.reasoning_tokens);
    w.field("tokens_from", to_string(r.tokens_from)).field("events", r.events);
    w.field("window_events", r.window_events).field("coalesced_events", r.coalesced_events);
    w.field("unknown_events", r.unknown_events).field("kernel_stamps", r.kernel_stamps);
    w.field("user_stamps", r.user_stamps);
    if (r.user_events > 0) w.field("user_events", r.user_events);
    w.key("gaps");
    write(w, r.gaps);
    if (r.itl.exact().total() > 0) {
        w.key("itl");
        write(w, r.itl);
    }
    if (!r.event_times.empty()) {
        w.key("event_ns").begin_array();
        for (const nanoseconds t : r.event_times) w.value(t.count());
        w.end_array();
    }
    if (!r.prefill.empty()) {
        w.key("prefill_progress").begin_array();
        for (const prefill_point& p : r.prefill) w.value(p.at.count()).value(p.millionths);
        w.end_array();
    }
    if (r.from_cache) w.field("from_cache", true);
    if (r.turn) {
        w.key("turn").begin_object().field("conversation", r.turn->conversation);
        w.field("turn", r.turn->turn).field("turns", r.turn->turns).end_object();
    }
    if (!r.tool_calls.empty()) write_tools(w, r);
    if (r.tool_gaps != nanoseconds{0}) w.field("tool_gaps_ns", r.tool_gaps.count());
    write_rarities(w, r);
    if (r.inputs > 0) w.field("inputs", r.inputs);
    if (r.vector_size) w.field("vector_size", *r.vector_size);
    write_text_or_null(w, "finish_reason", r.finish_reason);
    write_text_or_null(w, "answered_by", r.answered_by);
    w.field("model_mismatch", r.model_mismatch);
    w.field("connection", r.connection_reused ? "reused" : "new").field("retries", r.retries);
    if (r.connection) {
        w.key("tcp").begin_object().field("round_trip_ns", r.connection->round_trip.count());
        w.field("retransmits", r.connection->retransmits);
        w.field("out_of_order", r.connection->out_of_order);
        if (const auto n = r.connection->connect_retransmits) w.field("connect_retransmits", n);
        w.end_object();
    }
    w.key("server").begin_object().field("ttft_ms", r.server_ttft_ms);
    w.field("tokens_per_second", r.server_tokens_per_second).field("load_ms", r.server_load_ms);
    w.end_object().end_object();
    out += '\n';
    return out;
}

result<request_record> record_of_line(std::string_view line) {
    json::error_code ec;
    const json::value v = json::parse(line, ec);
    if (ec) return error{errc::bad_file, "no JSON: " + ec.message()};
    try {
        return read(v.as_object(), line);
    } catch (const std::exception& e) {
        return error{errc::bad_file, std::string{"no record of a request: "} + e.what()};
    }
}

}  // namespace lmstress::store
