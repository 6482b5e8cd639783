#include "cli/model_text.hpp"

#include "api/json_frame.hpp"
#include "report/printable.hpp"
#include "report/text_table.hpp"
#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <array>

namespace lmstress::cli {
namespace {

using server::catalog_entry;
using server::model_instance;

std::string word_of(const std::optional<bool>& known) {
    return !known ? "?" : *known ? "yes" : "-";
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string number_or_dash(const std::optional<std::uint64_t>& n) {
    return n ? std::to_string(*n) : "-";
}

std::string joined(const std::vector<std::string>& parts, const char* between) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : between) + part;
    return out;
}

/// "parallel 4, context 8192"
std::string loaded_cell(const catalog_entry& m) {
    if (m.instances.empty()) return "-";
    if (m.instances.size() > 1) return fmt::format("{} instances", m.instances.size());
    std::vector<std::string> parts;
    const auto& config = m.instances.front().config;
    if (const auto n = api::count_at(config, "parallel")) {
        parts.push_back(fmt::format("parallel {}", *n));
    }
    if (const auto n = api::count_at(config, "context_length")) {
        parts.push_back(fmt::format("context {}", *n));
    }
    return parts.empty() ? "yes" : joined(parts, ", ");
}

std::string capabilities(const catalog_entry& m) {
    std::vector<std::string> can;
    if (m.vision.value_or(false)) can.emplace_back("vision");
    if (m.tool_use.value_or(false)) can.emplace_back("tools");
    if (!m.reasoning.empty()) {
        can.push_back(
            fmt::format("reasoning ({}{})", joined(m.reasoning, ", "),
                        m.reasoning_default.empty() ? "" : "; default " + m.reasoning_default));
    }
    if (!can.empty()) return joined(can, ", ");
    return m.type == "embedding" ? "embeddings" : "text";
}

std::string line(std::string_view name, const std::string& value) {
    if (value.empty()) return {};
    return fmt::format("  {:<14}{}\n", name, report::printable(value));
}

void write(wire::json_writer& w, std::string_view name, const std::string& text) {
    w.key(name);
    if (text.empty()) {
        w.null();
    } else {
        w.value(text);
    }
}

void write(wire::json_writer& w, std::string_view name, const std::vector<std::string>& all) {
    w.key(name).begin_array();
    for (const std::string& one : all) w.value(one);
    w.end_array();
}

void write(wire::json_writer& w, const catalog_entry& m) {
    w.begin_object().field("key", m.key).field("type", m.type);
    write(w, "display_name", m.display_name);
    write(w, "publisher", m.publisher);
    write(w, "architecture", m.architecture);
    write(w, "format", m.format);
    write(w, "quantization", m.quantization);
    write(w, "params_string", m.params);
    write(w, "description", m.description);
    w.field("size_bytes", m.size_bytes).field("max_context_length", m.max_context_length);
    w.key("capabilities").begin_object().field("vision", m.vision);
    w.field("trained_for_tool_use", m.tool_use);
    write(w, "reasoning", m.reasoning);
    write(w, "reasoning_default", m.reasoning_default);
    w.end_object();
    write(w, "variants", m.variants);
    write(w, "selected_variant", m.selected_variant);
    w.key("loaded_instances").begin_array();
    for (const model_instance& i : m.instances) {
        w.begin_object().field("id", i.id);
        w.key("config").laid_out(wire::json_text(i.config)).end_object();
    }
    w.end_array().end_object();
}

}  // namespace

std::string models_table(std::span<const catalog_entry> models) {
    using report::text_column;
    constexpr std::array columns = {
        text_column{"model"},  text_column{"type"},       text_column{"params"},
        text_column{"quant"},  text_column{"size", true}, text_column{"context", true},
        text_column{"vision"}, text_column{"tools"},      text_column{"loaded"}};
    std::vector<std::vector<std::string>> rows;
    for (const catalog_entry& m : models) {
        rows.push_back({m.key, m.type, or_dash(m.params), or_dash(m.quantization),
                        m.size_bytes ? report::bytes_text(*m.size_bytes) : "-",
                        number_or_dash(m.max_context_length),
                        m.type == "embedding" ? "-" : word_of(m.vision),
                        m.type == "embedding" ? "-" : word_of(m.tool_use), loaded_cell(m)});
    }
    return report::text_table(columns, rows);
}

std::string model_page(const catalog_entry& m) {
    std::string out = report::printable(m.key) + '\n';
    out += line("name", m.display_name) + line("type", m.type) + line("publisher", m.publisher);
    out += line("architecture", m.architecture) + line("parameters", m.params);
    out += line("quantization", m.quantization) + line("format", m.format);
    if (m.size_bytes) out += line("size", report::bytes_text(*m.size_bytes));
    if (m.max_context_length)
        out += line("context", fmt::format("at most {}", *m.max_context_length));
    out += line("can", capabilities(m)) + line("description", m.description);
    out += line("variants", joined(m.variants, ", ")) + line("selected", m.selected_variant);
    if (m.instances.empty()) out += line("in memory", "no");
    for (const model_instance& i : m.instances) {
        out += line("in memory", i.id) + config_lines(i.config);
    }
    return out;
}

std::string models_json(std::span<const catalog_entry> models) {
    std::string out;
    wire::json_writer w{out, wire::json_writer::style::indented};
    w.begin_object().key("models").begin_array();
    for (const catalog_entry& m : models) write(w, m);
    w.end_array().end_object();
    return out + '\n';
}

std::string model_json(const catalog_entry& m) {
    std::string out;
    wire::json_writer w{out, wire::json_writer::style::indented};
    write(w, m);
    return out + '\n';
}

std::string config_lines(const boost::json::object& config) {
    std::string out;
    for (const auto& member : config) {
        out += fmt::format("    {:<26}{}\n", report::printable(member.key()),
                           report::printable(wire::json_text(member.value())));
    }
    return out;
}

std::string estimate_page(const std::string& model, const server::usage_estimate& e) {
    using report::bytes_text;
    const auto memory = [](std::string_view name, std::uint64_t all, std::uint64_t of_model,
                           std::uint64_t of_context) {
        return line(name, fmt::format("{} (model {}, context {})", bytes_text(all),
                                      bytes_text(of_model), bytes_text(of_context)));
    };
    return report::printable(model) + " would take\n" +
           memory("memory", e.total_bytes, e.model_bytes, e.context_bytes) +
           memory("on the GPU", e.total_vram_bytes, e.model_vram_bytes, e.context_vram_bytes) +
           line("confidence", e.sure ? "high" : "low") +
           line("may be loaded", e.fits ? "yes" : "no: over what LM Studio's guardrails allow");
}

std::string untold_text(const std::vector<std::string>& settings) {
    std::string names;
    for (const std::string& name : settings) names += (names.empty() ? "" : ", ") + name;
    return "the server took " + names + ", and does not tell whether it is in force";
}

}  // namespace lmstress::cli
