#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::cli {

/// A flag or an argument, as its help has it.
struct flag_help {
    std::string name;   ///< "--url"; of an argument its value
    std::string value;  ///< "URL"; empty: it takes none
    std::string text;
    std::string default_value;
    std::vector<std::string> words;  ///< that the value may be; empty: any
    bool required = false;
};

struct command_help {
    std::string name;
    std::string text;
    std::vector<flag_help> arguments;
    std::vector<flag_help> flags;
    std::string footer;
};

/// The manual page, as troff (man 7 man).
[[nodiscard]] std::string manual_page(std::span<const command_help> commands);

/// A script that completes the command line: `shell` is bash, zsh or fish.
[[nodiscard]] std::string completion(std::string_view shell,
                                     std::span<const command_help> commands);

}  // namespace lmstress::cli
