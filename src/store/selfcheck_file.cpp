#include "store/selfcheck_file.hpp"

#include "lmstress/version.hpp"
#include "store/run_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <exception>

namespace lmstress::store {

namespace json = boost::json;

std::optional<selfcheck_note> selfcheck_of(std::string_view content, const std::string& host,
                                           const std::string& cpu) {
    try {
        const json::value all = json::parse(content);
        const json::value& of = all.at("host");
        const bool ours = all.at("tool").at("version").as_string() == version &&
                          std::string_view{of.at("name").as_string()} == host &&
                          std::string_view{of.at("cpu").as_string()} == cpu;
        if (!ours) return std::nullopt;
        return selfcheck_note_of(all.at("held").as_object());
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace lmstress::store
