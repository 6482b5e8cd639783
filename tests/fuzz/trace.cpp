// A trace of recorded requests: of one that is read the times go forward from 0.

#include "workload/trace.hpp"

#include "fuzz/fuzz.hpp"

namespace fuzz {

using namespace lmstress;

void take(std::string_view input) {
    constexpr std::uint64_t limit = 50;
    workload::trace_reader reader{"fuzz.csv", limit};
    bool wanted = true;
    while (wanted && !input.empty()) {
        const std::size_t end = std::min(input.find('\n'), input.size());
        const auto more = reader.take(input.substr(0, end));
        if (!more) return require(!more.error().message.empty());
        wanted = *more;
        input.remove_prefix(std::min(end + 1, input.size()));
    }
    const auto entries = reader.finish();
    if (!entries) return require(!entries.error().message.empty());
    require(entries->size() <= limit);
    nanoseconds before{0};
    for (const workload::trace_entry& e : *entries) {
        require(e.at >= before);
        before = e.at;
    }
}

}  // namespace fuzz
