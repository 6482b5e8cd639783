#include "cli/flags.hpp"

#include "workload/values.hpp"

#include <fmt/format.h>

#include <charconv>

namespace lmstress::cli {
namespace {

template <class Number>
std::string refuse_unless(const std::string& text, Number least, Number most, const char* what) {
    Number n{};
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    const bool all = ec == std::errc{} && end == text.data() + text.size();
    if (all && n >= least && n <= most) return {};
    return fmt::format("\"{}\" is not {} from {} to {}", text, what, least, most);
}

}  // namespace

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
    return {
        [=](const std::string& text) { return refuse_unless(text, least, most, "a whole number"); },
        ""};
}

CLI::Validator number_within(double least, double most) {
    return {[=](const std::string& text) { return refuse_unless(text, least, most, "a number"); },
            ""};
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, nanoseconds& into,
                          const std::string& what) {
    return app
        .add_option_function<std::string>(
            name,
            [&into, name](const std::string& text) {
                const auto value = workload::parse_duration(text);
                if (!value) {
                    throw CLI::ValidationError(name + ": \"" + text +
                                               "\" is not a duration like 250ms, 30s or 5m");
                }
                into = *value;
            },
            what)
        ->type_name("TIME")
        ->default_str(workload::duration_text(into));
}

}  // namespace lmstress::cli
