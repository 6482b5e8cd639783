#include "cli/hide_arguments.hpp"

#include "workload/scenario_fields.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace lmstress::cli {
namespace {

bool has_secret(std::string_view flag) {
    const auto fields = workload::scenario_fields();
    return flag == "--set" || flag == "--extra" ||
           std::any_of(fields.begin(), fields.end(),
                       [&](const auto& f) { return f.secret && f.flag == flag; });
}

bool is_json(std::string_view text) {
    return text.starts_with('{') || text.starts_with('[');
}

}  // namespace

void hide_arguments(std::span<char* const> arguments) {
    bool next = false;
    for (char* const argument : arguments) {
        const std::string_view text = argument;
        const std::size_t end = std::min(text.find('='), text.size());
        const bool flag = text.starts_with("--");
        char* const value = flag ? argument + std::min(end + 1, text.size()) : argument;
        if (next || is_json(value) || (flag && has_secret(text.substr(0, end)))) {
            char* const from = next ? argument : value;
            std::memset(from, '*', std::strlen(from));
        }
        next = !next && flag && end == text.size() && has_secret(text);
    }
}

}  // namespace lmstress::cli
