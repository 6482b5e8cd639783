#include "report/comparison_text.hpp"
#include "report/comparison_words.hpp"
#include "report/interval_json.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::report {
namespace {

void write(wire::json_writer& w, std::string_view name, const std::vector<std::string>& all) {
    w.key(name).begin_array();
    for (const std::string& one : all) w.value(one);
    w.end_array();
}

void write(wire::json_writer& w, const analyze::compared_figure& f) {
    w.begin_object().field("figure", f.what.name).field("decides", f.decides);
    w.field("a", f.a).field("b", f.b).field("count_a", f.count_a).field("count_b", f.count_b);
    w.field("change", f.change);
    write_interval(w, "ci95", f.ci95);
    write_interval(w, "ci95_together", f.together);
    w.field("detectable", f.detectable).field("finding", analyze::to_string(f.found));
    w.end_object();
}

void write(wire::json_writer& w, std::string_view name, const analyze::side_outcomes& of) {
    w.key(name).begin_object().field("offered", of.offered).field("completed", of.completed);
    w.field("failed", of.failed).field("share", of.share()).end_object();
}

void write(wire::json_writer& w, const analyze::error_comparison& e) {
    w.key("errors").begin_object();
    write(w, "a", e.a);
    write(w, "b", e.b);
    w.field("difference", e.difference);
    write_interval(w, "ci95", e.ci95);
    write_interval(w, "ci95_together", e.together);
    w.field("finding", analyze::to_string(e.found)).end_object();
}

}  // namespace

std::string comparison_json(const comparison_report& r) {
    std::string out;
    wire::json_writer w{out, wire::json_writer::style::indented};
    w.begin_object().field("schema", "lmstress.comparison/1").field("a", r.a).field("b", r.b);
    w.field("seed", r.seed).field("exit_code", r.exit_code);
    write(w, "conclusions", conclusions_of(r));
    write(w, "other_work", r.unlike.other_work);
    write(w, "other_server", r.unlike.other_server);
    write(w, "beware", r.beware);
    w.key("levels").begin_array();
    for (const level_comparison& level : r.levels) {
        w.begin_object().field("name", level.name);
        write(w, level.errors);
        w.key("figures").begin_array();
        for (const auto& f : level.compared.figures) write(w, f);
        w.end_array();
        w.field("requests_for_10_percent", level.compared.requests_for_10_percent).end_object();
    }
    w.end_array();
    write(w, "unmatched", r.unmatched);
    w.key("verdicts").begin_array();
    for (const auto& v : r.verdicts) {
        w.begin_object().field("rule", v.rule).field("level", v.level);
        w.field("change", v.seen.change);
        write_interval(w, "ci95", v.seen.ci95);
        w.field("verdict", analyze::to_string(v.is)).end_object();
    }
    w.end_array().end_object();
    out += '\n';
    return out;
}

}  // namespace lmstress::report
