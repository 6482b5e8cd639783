#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lmstress::wire {

class line_sink {
  public:
    /// Without its line feed, and valid during the call.
    virtual void on_line(std::string_view line) = 0;

  protected:
    ~line_sink() = default;
};

/// A push parser of lines, for NDJSON (application/x-ndjson): however the bytes are cut, the lines
/// are the same. A carriage return before the line feed belongs to the ending; blank lines are
/// passed over. A last line without its line feed is handed over by finish().
class line_parser {
  public:
    enum class status : bool { ok, line_too_large };

    explicit line_parser(std::size_t max_line_bytes = 1U << 20U) : max_(max_line_bytes) {}

    /// Consumes all bytes. After `line_too_large` nothing more is parsed.
    status push(std::string_view bytes, line_sink& sink);
    void finish(line_sink& sink);

  private:
    static void take(std::string_view line, line_sink& sink);

    std::size_t max_;
    std::string begun_;  // of a line that was cut
    bool failed_ = false;
};

}  // namespace lmstress::wire
