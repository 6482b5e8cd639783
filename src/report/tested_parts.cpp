#include "report/tested_parts.hpp"

#include <fmt/format.h>

#include <string_view>

namespace lmstress::report {
namespace {

constexpr std::string_view bare =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";

/// A word for a shell, in quotes where it needs them.
std::string word(const std::string& text) {
    if (!text.empty() && text.find_first_not_of(bare) == std::string::npos) return text;
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return out + '\'';
}

const run_setup* merged_in(const source& s) {
    if (s.kind != source_kind::run || s.runs.empty()) return nullptr;
    const run_setup& setup = s.runs.front().summary.setup;
    return setup.parts.empty() ? nullptr : &setup;
}

}  // namespace

std::string merged_of(const run_setup& setup) {
    std::string out;
    for (const merged_part& part : setup.parts) {
        const double moved = static_cast<double>(part.moved.count()) / 1e6;
        out += fmt::format("{}{} (run {}", out.empty() ? "" : ", ", part.name, part.id);
        if (&part != &setup.parts.front()) {
            out += fmt::format(", its windows moved by {:+.1f} ms", moved);
        }
        out += part.valid ? ")" : ", not valid)";
    }
    return out;
}

std::string command_of(const source& s) {
    const run_setup* merged = merged_in(s);
    if (merged == nullptr) return s.command;
    std::string out = "lmstress merge";
    for (const merged_part& part : merged->parts) out += ' ' + word(part.name);
    return out + " --out " + word(s.name);
}

std::string note_on_command(const source& s) {
    const run_setup* merged = merged_in(s);
    if (merged == nullptr) return {};
    return fmt::format(
        "{} processes made it at the same time: {}. What each of them was started with is said in "
        "a "
        "report of its own directory; this puts their results together.",
        merged->parts.size(), merged_of(*merged));
}

}  // namespace lmstress::report
