#pragma once

#include "api/api.hpp"
#include "lmstress/stream_event.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// An event as one readable line: "text answer 'Hi' #3", "usage input=35 output=8", "end".
std::string line_of(const lmstress::stream_event& e);

/// Keeps what an answer was read into.
class collecting_sink final : public lmstress::event_sink {
  public:
    void on_frame() override { ++frames; }
    void on_event(const lmstress::stream_event& e) override { lines.push_back(line_of(e)); }

    std::vector<std::string> lines;
    std::size_t frames = 0;
};

/// Whether the body of an answer ends with its text.
enum class body { goes_on, ends };

/// What an API's decoder reads from the text of a body: events, lines, or the one frame.
std::vector<std::string> decode(std::string_view api, std::string_view text,
                                body b = body::goes_on);

}  // namespace test
