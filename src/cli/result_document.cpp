#include "cli/result_document.hpp"

#include "store/journal.hpp"
#include "wire/json_value.hpp"

#include <boost/json/value.hpp>

#include <array>
#include <exception>
#include <stdexcept>

namespace lmstress::cli {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::string text_at(const json::object& o, std::string_view key) {
    return std::string{std::string_view{o.at(key).as_string()}};
}

template <class T>
std::optional<T> maybe(const json::value& v) {
    if (v.is_null()) return std::nullopt;
    if constexpr (std::is_same_v<T, bool>) {
        return v.as_bool();
    } else {
        return v.to_number<T>();
    }
}

server_variant variant_of(const json::object& o) {
    server_variant v;
    if (o.at("model").is_string()) v.model = text_at(o, "model");
    v.parallel = maybe<std::uint64_t>(o.at("parallel"));
    v.unified_kv = maybe<bool>(o.at("unified_kv"));
    v.context_length = maybe<std::uint64_t>(o.at("context_length"));
    for (const auto& field : o.at("load_fields").as_object()) {
        v.fields.emplace_back(std::string{field.key()}, wire::json_text(field.value()));
    }
    v.cold = o.at("cold").as_bool();
    return v;
}

/// Older versions did not say.
bool is_marked(const json::object& o, std::string_view mark) {
    const json::value* v = o.if_contains(mark);
    return v != nullptr && v->as_bool();
}

sweep_document sweep_of(const json::object& o) {
    sweep_document out;
    out.report.scenario_json = wire::json_text(o.at("scenario"));
    out.report.exit_code = o.at("exit_code").to_number<int>();
    out.report.runs = o.at("runs").to_number<std::uint32_t>();
    sweep_plan& plan = out.report.plan;
    for (const json::value& v : o.at("variants").as_array()) {
        plan.variants.push_back(variant_of(v.as_object()));
    }
    for (const json::value& load : o.at("loads").as_array()) {
        plan.loads.emplace_back(std::string_view{load.as_string()});
    }
    for (const json::value& v : o.at("cells").as_array()) {
        const json::object& c = v.as_object();
        const sweep_cell cell{c.at("variant").to_number<std::size_t>(),
                              c.at("load").to_number<std::size_t>(),
                              c.at("run").to_number<std::uint32_t>()};
        if (cell.variant >= plan.variants.size() || cell.load >= plan.loads.size()) {
            throw std::out_of_range{"a cell"};
        }
        plan.cells.push_back(cell);
        out.cells.push_back({cell,
                             text_at(c, "directory"),
                             c.at("exit_code").to_number<int>(),
                             is_marked(c, "server_busy"),
                             {}});
        const json::value* all = c.if_contains("not_in_force");
        if (all == nullptr) continue;
        for (const json::value& what : all->as_array()) {
            out.cells.back().not_in_force.emplace_back(std::string_view{what.as_string()});
        }
    }
    return out;
}

analyze::step_verdict verdict_named(std::string_view name) {
    using analyze::step_verdict;
    for (const step_verdict v :
         {step_verdict::holds, step_verdict::fails, step_verdict::undecided}) {
        if (to_string(v) == name) return v;
    }
    throw std::invalid_argument{"a verdict"};
}

std::optional<analyze::capacity_search::end> end_of(const json::value& v) {
    if (v.is_null()) return std::nullopt;
    const json::object& o = v.as_object();
    return analyze::capacity_search::end{
        .load = o.at("load").to_number<double>(),
        .verdict = verdict_named(std::string_view{o.at("verdict").as_string()}),
        .tested_again = o.at("tested_again").as_bool()};
}

capacity_document capacity_of(const json::object& o) {
    capacity_document out;
    report::capacity_report& r = out.report;
    r.scenario_json = wire::json_text(o.at("scenario"));
    r.exit_code = o.at("exit_code").to_number<int>();
    r.rate = text_at(o, "of") == "rate";
    r.attainment = o.at("attainment").to_number<double>();
    r.objective = text_at(o, "objective");
    r.found.low = end_of(o.at("low"));
    r.found.high = end_of(o.at("high"));
    r.out_of_time = o.at("out_of_time").as_bool();
    if (o.contains("ended_early")) r.ended_early = text_at(o, "ended_early");
    for (const json::value& v : o.at("steps").as_array()) {
        const json::object& s = v.as_object();
        r.steps.push_back({.load = s.at("load").to_number<double>(),
                           .verdict = verdict_named(std::string_view{s.at("verdict").as_string()}),
                           .cut_short = is_marked(s, "cut_short"),
                           .server_busy = is_marked(s, "server_busy"),
                           .pieces = s.at("pieces").to_number<std::uint32_t>(),
                           .level = {}});
    }
    for (const json::value& d : o.at("directories").as_array()) {
        r.directories.emplace_back(std::string_view{d.as_string()});
    }
    return out;
}

/// A result that somebody else wrote must not lead out of its own directory.
bool is_below(std::string_view directory) {
    const fs::path p{directory};
    return p.is_relative() && *p.lexically_normal().begin() != "..";
}

template <class Document>
result<Document> read_document(const fs::path& file, Document (*read)(const json::object& o)) {
    const auto text = store::read_file(file);
    if (!text) return text.error();
    try {
        return read(wire::parse_nested(*text).as_object());
    } catch (const std::exception&) {
        return error{errc::bad_file, file.string() + " is not as lmstress wrote it"};
    }
}

error leads_out(const fs::path& file) {
    return {errc::bad_file, file.string() + " names a directory that is not below its own"};
}

}  // namespace

result<sweep_document> read_sweep_document(const fs::path& file) {
    auto out = read_document(file, sweep_of);
    if (!out) return out;
    for (const sweep_document::cell& c : out->cells) {
        if (!is_below(c.directory)) return leads_out(file);
    }
    return out;
}

result<capacity_document> read_capacity_document(const fs::path& file) {
    auto out = read_document(file, capacity_of);
    if (!out) return out;
    for (const std::string& d : out->report.directories) {
        if (!is_below(d)) return leads_out(file);
    }
    return out;
}

}  // namespace lmstress::cli
