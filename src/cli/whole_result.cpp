#include "cli/whole_result.hpp"

#include "cli/history_place.hpp"
#include "cli/report_source.hpp"
#include "report/series.hpp"
#include "report/verdict.hpp"
#include "store/journal.hpp"
#include "wire/json_value.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <utility>

namespace lmstress::cli {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

report::result_state state_by_exit_code(std::int64_t code) {
    using report::result_state;
    switch (code) {
        case 0:
            return result_state::measured;
        case 3:
            return result_state::not_measured;
        case 4:
            return result_state::threshold_failed;
        case 5:
            return result_state::not_valid;
        case 6:
            return result_state::undecided;
        default:
            return result_state::cut_short;
    }
}

result<store::history_whole> whole_comparison(const fs::path& file) {
    const auto text = store::read_file(file);
    if (!text) return text.error();
    json::error_code ec;
    const json::value all = wire::parse_nested(*text, ec);
    const error other{errc::bad_file, file.string() + " does not say what the comparison came to",
                      "Make it again: lmstress compare with its A and B."};
    if (ec || !all.is_object()) return other;
    const json::value* code = all.get_object().if_contains("exit_code");
    const json::value* sentences = all.get_object().if_contains("conclusions");
    if (code == nullptr || !code->is_int64()) return other;
    if (sentences == nullptr || !sentences->is_array()) return other;
    store::history_whole out;
    out.state = to_string(state_by_exit_code(code->get_int64()));
    for (const json::value& one : sentences->get_array()) {
        if (!one.is_string()) return other;
        out.answer += (out.answer.empty() ? "" : " ");
        out.answer += std::string_view{one.get_string()};
    }
    return out;
}

}  // namespace

result<store::history_whole> whole_of(const fs::path& directory) {
    std::error_code ec;
    const fs::path comparison = directory / "comparison.json";
    if (fs::exists(comparison, ec)) return whole_comparison(comparison);
    auto source = load_source(directory, directory.filename().string());
    if (!source) return source.error();
    const std::vector<report::source> all{*std::move(source)};
    const report::report_verdict verdict = report::verdict_of(all, report::series_of(all));
    return store::history_whole{std::string{to_string(verdict.state())}, verdict.headline};
}

void keep_whole_in_history(const scenario& s, const fs::path& directory) {
    if (!s.output.keep_history) return;
    const auto file = history_file(s.output);
    std::error_code ec;
    if (!file || !fs::exists(*file, ec)) return;
    const auto whole = whole_of(directory);
    if (!whole) return;
    auto there = store::history::open(*file);
    if (there) static_cast<void>(there->put_whole(whole_name(directory), *whole));
}

}  // namespace lmstress::cli
