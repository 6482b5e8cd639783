#include "store/history_rows.hpp"

#include "wire/json_writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace lmstress::store {
namespace {

namespace json = boost::json;

std::string labels_json(const history_entry& e) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object();
    for (const auto& [key, value] : e.labels) w.field(key, value);
    w.end_object();
    return out;
}

/// Whatever else wrote the database: what is no object of texts is no label.
void read_labels(const std::string& text, history_entry& e) {
    json::error_code ec;
    const json::value v = json::parse(text, ec);
    if (ec || !v.is_object()) return;
    for (const auto& label : v.get_object()) {
        if (!label.value().is_string()) continue;
        e.labels.emplace_back(std::string{label.key()},
                              std::string{std::string_view{label.value().get_string()}});
    }
}

}  // namespace

history_entry read_run(sql_statement& s) {
    history_entry e{.id = s.integer(), .directory = s.text(), .run_id = s.text()};
    e.kind = run_kind_named(s.text()).value_or(run_kind::run);
    e.group = s.text();
    e.started_unix_ns = s.integer();
    e.exit_code = s.maybe_integer();
    e.valid = s.integer() != 0;
    for (std::string* text : {&e.ended_early, &e.url, &e.api, &e.model, &e.quantization}) {
        *text = s.text();
    }
    e.server = s.text();
    e.parallel = s.maybe_integer();
    e.unified_kv = s.maybe_bool();
    e.context_length = s.maybe_integer();
    read_labels(s.text(), e);
    e.state = s.text();
    return e;
}

history_level read_level(sql_statement& s) {
    history_level l{.index = static_cast<std::uint32_t>(s.integer()),
                    .api = s.text(),
                    .model = s.text(),
                    .streams = s.maybe_integer(),
                    .rate = s.maybe_number()};
    for (std::uint64_t* n : {&l.offered, &l.completed, &l.failed}) {
        *n = static_cast<std::uint64_t>(s.integer());
    }
    for (auto* figure :
         {&l.output_tokens_per_second, &l.requests_per_second, &l.ttft_p50_ms, &l.ttft_p95_ms,
          &l.itl_p50_ms, &l.e2e_p50_ms, &l.tpot_p50_ms, &l.slo_attainment}) {
        *figure = s.maybe_number();
    }
    return l;
}

model_facts read_model(sql_statement& s) {
    model_facts m{.key = s.text(), .architecture = s.text(), .format = s.text()};
    m.params = s.text();
    m.quantization = s.text();
    if (const auto size = s.maybe_integer()) m.size_bytes = static_cast<std::uint64_t>(*size);
    return m;
}

void bind_run(sql_statement& s, const history_entry& e, const std::string& summary_json) {
    s.bind(e.directory).bind(e.run_id).bind(to_string(e.kind)).bind(e.group);
    s.bind(e.started_unix_ns).bind(e.exit_code).bind(e.valid).bind(e.ended_early);
    s.bind(e.url).bind(e.api).bind(e.model).bind(e.quantization).bind(e.server);
    s.bind(e.parallel).bind(e.unified_kv).bind(e.context_length);
    s.bind(labels_json(e)).bind(summary_json).bind(e.state);
}

history_whole read_whole(sql_statement& s) {
    history_whole w{.state = s.text()};
    w.answer = s.text();
    return w;
}

void bind_level(sql_statement& s, std::int64_t run, const history_level& l) {
    s.bind(run).bind(l.index).bind(l.api).bind(l.model).bind(l.streams).bind(l.rate);
    s.bind(l.offered).bind(l.completed).bind(l.failed);
    s.bind(l.output_tokens_per_second).bind(l.requests_per_second);
    s.bind(l.ttft_p50_ms).bind(l.ttft_p95_ms).bind(l.itl_p50_ms).bind(l.e2e_p50_ms);
    s.bind(l.tpot_p50_ms).bind(l.slo_attainment);
}

}  // namespace lmstress::store
