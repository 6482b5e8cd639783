#include "cli/manual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lmstress::cli {
namespace {

bool wants_file(const flag_help& f) {
    return f.value == "FILE" || f.value == "SCENARIO";
}
bool wants_directory(const flag_help& f) {
    return f.value == "DIR";
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

std::string names_of(std::span<const command_help> commands) {
    std::vector<std::string> names;
    for (const command_help& c : commands) names.push_back(c.name);
    return joined(names);
}

std::string flags_of(const command_help& c) {
    std::vector<std::string> names;
    for (const flag_help& f : c.flags) names.push_back(f.name);
    return joined(names);
}

/// Text between single quotes of a shell.
std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string bash_value(const flag_help& f) {
    if (!f.words.empty()) return fmt::format("compgen -W \"{}\" -- \"$word\"", joined(f.words));
    if (wants_directory(f)) return "compgen -d -- \"$word\"";
    if (wants_file(f)) return "compgen -f -- \"$word\"";
    return "true";
}

std::string bash_command(const command_help& c) {
    std::string out = fmt::format("    {})\n        case \"$before\" in\n", c.name);
    for (const flag_help& f : c.flags) {
        if (f.value.empty()) continue;
        out += fmt::format("        {}) mapfile -t COMPREPLY < <({}); return ;;\n", f.name,
                           bash_value(f));
    }
    out +=
        fmt::format("        esac\n        mapfile -t COMPREPLY < <(compgen -W \"{}\" -- \"$word\"",
                    flags_of(c));
    for (const flag_help& a : c.arguments) out += "; " + bash_value(a);
    return out + ")\n        ;;\n";
}

std::string for_bash(std::span<const command_help> commands) {
    std::string out =
        "# bash completion for lmstress: source this, or put it into\n"
        "# /usr/share/bash-completion/completions/lmstress\n"
        "_lmstress() {\n"
        "    local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
        "    COMPREPLY=()\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n";
    out += fmt::format(
        "        mapfile -t COMPREPLY < <(compgen -W \"{} --help --version\" -- \"$word\")\n"
        "        return\n    fi\n    case \"${{COMP_WORDS[1]}}\" in\n",
        names_of(commands));
    for (const command_help& c : commands) out += bash_command(c);
    return out + "    esac\n}\ncomplete -o filenames -F _lmstress lmstress\n";
}

/// In zsh's _arguments brackets and colons have a meaning of their own.
std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string zsh_value(const flag_help& f) {
    const std::string name = zsh_text(f.value);
    if (!f.words.empty()) return fmt::format(":{}:({})", name, joined(f.words));
    if (wants_directory(f)) return fmt::format(":{}:_files -/", name);
    if (wants_file(f)) return fmt::format(":{}:_files", name);
    return fmt::format(":{}: ", name);
}

std::string for_zsh(std::span<const command_help> commands) {
    std::string out =
        "#compdef lmstress\n# zsh completion for lmstress: put it as _lmstress into a directory of "
        "$fpath\n_lmstress() {\n    if (( CURRENT == 2 )); then\n        local -a commands=(\n";
    for (const command_help& c : commands) {
        out += "            " + shell_quoted(c.name + ":" + c.text) + '\n';
    }
    out +=
        "        )\n        _describe command commands\n        return\n    fi\n"
        "    local command=$words[2]\n    shift words\n    (( CURRENT-- ))\n    case $command in\n";
    for (const command_help& c : commands) {
        out += fmt::format("    {})\n        _arguments", c.name);
        for (const flag_help& f : c.flags) {
            const std::string value = f.value.empty() ? "" : zsh_value(f);
            out += " \\\n            " +
                   shell_quoted("*" + f.name + "[" + zsh_text(f.text) + "]" + value);
        }
        for (const flag_help& a : c.arguments)
            out += " \\\n            " + shell_quoted("1" + zsh_value(a));
        out += "\n        ;;\n";
    }
    return out + "    esac\n}\n_lmstress \"$@\"\n";
}

std::string fish_line(const command_help& c, const flag_help& f) {
    std::string out =
        fmt::format("complete -c lmstress -n '__fish_seen_subcommand_from {}' -l {} -d {}", c.name,
                    f.name.substr(2), shell_quoted(f.text));
    if (f.value.empty()) return out + '\n';
    if (!f.words.empty()) return out + " -x -a " + shell_quoted(joined(f.words)) + '\n';
    if (wants_directory(f)) return out + " -x -a '(__fish_complete_directories)'\n";
    return out + (wants_file(f) ? " -r -F\n" : " -x\n");
}

std::string for_fish(std::span<const command_help> commands) {
    std::string out =
        "# fish completion for lmstress: put it as lmstress.fish into ~/.config/fish/completions\n"
        "complete -c lmstress -f\n";
    for (const command_help& c : commands) {
        out += fmt::format("complete -c lmstress -n __fish_use_subcommand -a {} -d {}\n", c.name,
                           shell_quoted(c.text));
        for (const flag_help& f : c.flags) out += fish_line(c, f);
        const bool files = std::any_of(c.arguments.begin(), c.arguments.end(), wants_file);
        const bool directories =
            std::any_of(c.arguments.begin(), c.arguments.end(), wants_directory);
        if (files || directories) {
            out += fmt::format("complete -c lmstress -n '__fish_seen_subcommand_from {}' -F\n",
                               c.name);
        }
        for (const flag_help& a : c.arguments) {
            if (a.words.empty()) continue;
            out += fmt::format("complete -c lmstress -n '__fish_seen_subcommand_from {}' -a {}\n",
                               c.name, shell_quoted(joined(a.words)));
        }
    }
    return out;
}

}  // namespace

std::string completion(std::string_view shell, std::span<const command_help> commands) {
    if (shell == "zsh") return for_zsh(commands);
    if (shell == "fish") return for_fish(commands);
    return for_bash(commands);
}

}  // namespace lmstress::cli
