// text/event-stream: however the bytes are cut, the events are the same.

#include "fuzz/fuzz.hpp"
#include "wire/sse_parser.hpp"

#include <vector>

namespace fuzz {
namespace {

using namespace lmstress;

/// Small, so that events that are too large come up.
constexpr std::size_t largest_event = 256;

struct sink final : wire::sse_sink {
    void on_sse_event(const wire::sse_event& e) override {
        events.emplace_back(std::string{e.type} + '\n' + std::string{e.data} +
                            (e.from_error_field ? "\nerror" : ""));
    }
    std::vector<std::string> events;
};

struct outcome {
    explicit outcome(std::string_view bytes, std::size_t piece) {
        wire::sse_parser parser{largest_event};
        sink to;
        push_in_pieces(bytes, piece, [&](std::string_view p) {
            failed = parser.push(p, to) == wire::sse_parser::status::event_too_large;
        });
        events = std::move(to.events);
        id = parser.last_event_id();
        retry = parser.retry();
    }
    bool operator==(const outcome&) const = default;

    std::vector<std::string> events;
    std::string id;
    std::optional<std::uint64_t> retry;
    bool failed = false;
};

}  // namespace

void take(std::string_view input) {
    const std::size_t piece = 1 + choice(input) % 16;
    require(outcome{input, input.size() + 1} == outcome{input, piece});
}

}  // namespace fuzz
