#include "support/truth.hpp"

#include "store/record_json.hpp"
#include "store/truth_file.hpp"
#include "support/child_process.hpp"

#include <stdexcept>
#include <string>

namespace test {

std::vector<lmstress::request_record> read_records(const std::filesystem::path& directory) {
    std::vector<lmstress::request_record> out;
    for (const std::string& line : lines_of(directory / "requests.jsonl")) {
        out.push_back(lmstress::store::record_of_line(line).value());
    }
    return out;
}

lmstress::analyze::own_error compare(const std::vector<lmstress::request_record>& records,
                                     const std::filesystem::path& truth_log) {
    const auto truth = lmstress::store::truth_of_log(content_of(truth_log)).value();
    lmstress::analyze::own_error_fold fold;
    for (const auto& r : records) {
        if (r.phase == lmstress::run_phase::measured) fold.add(r, truth);
    }
    auto e = fold.result();
    if (e.strange > 0) throw std::runtime_error("events were lost");
    return e;
}

}  // namespace test
