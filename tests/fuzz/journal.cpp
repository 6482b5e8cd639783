// The two files of a journal, run.jsonl and requests.jsonl with a NUL between them: a record that
// is read is written and read again as the same, and whatever is read can be summed.

#include "store/journal.hpp"

#include "fuzz/fuzz.hpp"
#include "store/record_json.hpp"

namespace fuzz {

using namespace lmstress;

void take(std::string_view input) {
    const std::size_t between = std::min(input.find('\0'), input.size());
    const std::string_view notes = input.substr(0, between);
    const std::string_view requests = input.substr(std::min(between + 1, input.size()));

    if (const auto record = store::record_of_line(requests.substr(0, requests.find('\n')))) {
        const std::string line = store::to_line(*record);
        const auto again = store::record_of_line(line);
        require(again.has_value());
        require(store::to_line(*again) == line);
    }
    const auto run = store::rebuild_from(notes, requests);
    if (!run) require(!run.error().message.empty());
}

}  // namespace fuzz
