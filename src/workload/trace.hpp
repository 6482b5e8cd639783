#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::workload {

/// A recorded request.
struct trace_entry {
    nanoseconds at{0};  ///< since the first of the trace
    std::uint32_t input_tokens = 1;
    std::uint32_t output_tokens = 1;
    friend bool operator==(const trace_entry&, const trace_entry&) = default;
};

/// Reads a trace line by line, in the form in which it was published (docs/load.md); the first line
/// shows which:
///  - Mooncake: JSONL with "timestamp" in milliseconds, "input_length" and "output_length";
///  - BurstGPT: CSV with columns Timestamp in seconds, Request tokens and Response tokens;
///  - Azure's LLM inference traces: CSV with columns TIMESTAMP as a date and a time, ContextTokens
///    and GeneratedTokens.
/// Other columns and members are passed over.
class trace_reader {
  public:
    /// `name` is that of the file, for errors. Of what follows the first `limit` requests nothing
    /// is read.
    trace_reader(std::string name, std::optional<std::uint64_t> limit);

    /// The next line, without its line feed. False: no further one is wanted.
    [[nodiscard]] result<bool> take(std::string_view line);
    /// In the order of their times, the first at 0.
    [[nodiscard]] result<std::vector<trace_entry>> finish();

  private:
    enum class form : std::uint8_t { unknown, mooncake, burst_gpt, azure };
    struct columns {
        std::size_t time = 0;
        std::size_t input = 0;
        std::size_t output = 0;
    };

    [[nodiscard]] result<void> read_head(std::string_view line);
    [[nodiscard]] std::optional<trace_entry> entry_of(std::string_view line) const;
    [[nodiscard]] error wrong(std::string_view line) const;

    std::string name_;
    std::uint64_t limit_;
    bool limited_;
    form form_ = form::unknown;
    columns columns_;
    std::size_t number_ = 0;  // of the line
    std::vector<trace_entry> entries_;
};

}  // namespace lmstress::workload
