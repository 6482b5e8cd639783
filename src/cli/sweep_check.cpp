#include "cli/sweep_check.hpp"

#include "cli/idle_flags.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <set>
#include <string>
#include <string_view>

namespace lmstress::cli {

namespace json = boost::json;

namespace {

/// Of two lists for one field the first would be gone.
result<void> check_load_flags(const sweep_options& options) {
    std::set<std::string> named;
    for (const auto& flag : options.of.flags) {
        if (flag.pointer != "/sweep/load_fields") continue;
        json::error_code ec;
        const json::value field = json::parse(flag.json, ec);
        if (ec || !field.is_object()) continue;
        for (const auto& member : field.get_object()) {
            const std::string name{std::string_view{member.key()}};
            if (named.insert(name).second) continue;
            return error{errc::usage, "--load-field names " + name + " twice",
                         "Give all its values in one list: --load-field " + name + "=V,V."};
        }
    }
    return {};
}

}  // namespace

result<void> check_sweep(const sweep_options& options, const settings& effective) {
    if (effective.values.target.api.find(',') != std::string::npos) {
        return error{errc::usage, "a sweep is that of one API, and --api names several",
                     "Sweep over each by itself; lmstress run measures several side by side."};
    }
    const auto fields = check_load_flags(options);
    if (!fields || options.resume.empty()) return fields;
    constexpr std::array<std::string_view, 1> out = {"/output/directory"};
    return refuse_idle_flags(effective, out, "has no effect beside --resume.",
                             "What is measured goes where the sweep was begun.");
}

}  // namespace lmstress::cli
