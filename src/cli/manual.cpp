#include "cli/manual.hpp"

#include "lmstress/version.hpp"

#include <fmt/format.h>

#include <sstream>

namespace lmstress::cli {
namespace {

/// Text that troff shows as it stands.
std::string plain(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
    }
    // A line that begins with one of these would be a request.
    if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
    return out;
}

void write(std::string& out, const flag_help& f) {
    out += ".TP\n\\fB" + plain(f.name) + "\\fR";
    if (!f.value.empty() && f.value != f.name) out += " \\fI" + plain(f.value) + "\\fR";
    out += '\n' + plain(f.text);
    if (!f.default_value.empty()) out += " (" + plain(f.default_value) + ")";
    out += '\n';
}

std::string synopsis(const command_help& c) {
    std::string out = ".B lmstress " + c.name + "\n";
    for (const flag_help& argument : c.arguments) {
        out += argument.required ? argument.name + "\n" : "[" + argument.name + "]\n";
    }
    if (!c.flags.empty()) out += "[flags]\n";
    return out + ".br\n";
}

void write(std::string& out, const command_help& c) {
    out += ".SS lmstress " + plain(c.name) + "\n" + plain(c.text) + ".\n";
    for (const flag_help& f : c.arguments) write(out, f);
    for (const flag_help& f : c.flags) write(out, f);
    if (c.footer.empty()) return;
    out += ".PP\n.nf\n";
    std::istringstream lines{c.footer};
    for (std::string line; std::getline(lines, line);) out += plain(line) + '\n';
    out += ".fi\n";
}

}  // namespace

std::string manual_page(std::span<const command_help> commands) {
    std::string out = fmt::format(
        ".TH LMSTRESS 1 \"\" \"lmstress {}\" \"User commands\"\n"
        ".SH NAME\nlmstress \\- load tester for LLM servers\n.SH SYNOPSIS\n",
        version);
    for (const command_help& c : commands) out += synopsis(c);
    out +=
        ".SH DESCRIPTION\nPuts an LLM server under concurrent streaming chats, and tells what it "
        "carries: time to first token,\ninter\\-token latency and tokens per second, at each level "
        "of concurrency.\n.SH COMMANDS\n";
    for (const command_help& c : commands) write(out, c);
    out +=
        ".SH ENVIRONMENT\n.TP\n\\fBLM_API_TOKEN\\fR\nAPI token of the server.\n"
        ".TP\n\\fBNO_COLOR\\fR\nNo colours on the terminal.\n"
        ".SH EXIT STATUS\n"
        "0 fine, 1 results not written or an error of the program, 2 usage, 3 server not usable,\n"
        "4 too many errors or a threshold failed, 5 run not valid, 6 a threshold undecided,\n"
        "130 ended by Ctrl\\-C.\n";
    return out;
}

}  // namespace lmstress::cli
