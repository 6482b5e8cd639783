#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace lmstress::cli {

/// What a live view writes to.
class screen {
  public:
    enum class kind : std::uint8_t {
        file,           ///< or a pipe: whoever reads it wants lines
        dumb_terminal,  ///< obeys no escape sequence
        terminal,
    };

    virtual ~screen() = default;
    [[nodiscard]] virtual kind is() const = 0;
    /// How many bytes of the text it took, waiting no longer than `patience`. Nothing: it is gone
    /// for good.
    virtual std::optional<std::size_t> write(std::string_view text,
                                             std::chrono::milliseconds patience) = 0;
    /// Of a terminal, now: it may be resized at any time.
    [[nodiscard]] virtual int columns() const = 0;
    /// False while another program has the terminal, this one having been put into the background.
    [[nodiscard]] virtual bool ours() const = 0;
};

[[nodiscard]] std::unique_ptr<screen> standard_error();

/// The user has not set NO_COLOR (https://no-color.org).
[[nodiscard]] bool colour_allowed();

}  // namespace lmstress::cli
