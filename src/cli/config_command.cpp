#include "cli/setting_rows.hpp"

namespace lmstress::cli {

int show_settings(const config_options& options) {
    const auto s = settings_of_process(options.of);
    if (!s) return complain(s.error());
    const auto said = say(options.json ? settings_json(*s) : settings_table(*s));
    return said ? 0 : complain(said.error());
}

}  // namespace lmstress::cli
