#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace lmstress::wire {

/// Writes JSON text, compact or indented by two spaces, in the order of the calls. Numbers are in
/// their shortest form that reads back to the same value (std::to_chars): Boost.JSON would print a
/// double as 1.23456789E5, which nobody wants to read.
///
/// Preconditions: calls make one well-formed value; inside an object each value follows its key().
class json_writer {
  public:
    enum class style : std::uint8_t { compact, indented };

    /// Appends to `out`, which outlives the writer.
    explicit json_writer(std::string& out, style s = style::compact) : out_(out), style_(s) {}

    json_writer& begin_object();
    json_writer& end_object();
    json_writer& begin_array();
    json_writer& end_array();
    json_writer& key(std::string_view name);

    json_writer& value(std::string_view text);
    json_writer& value(const char* text) { return value(std::string_view{text}); }
    json_writer& value(const std::string& text) { return value(std::string_view{text}); }
    json_writer& value(bool b);
    /// Not-a-number and infinities become null: JSON has no word for them.
    json_writer& value(double number);
    json_writer& null();
    template <class Integer>
        requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
    json_writer& value(Integer number) {
        if constexpr (std::is_signed_v<Integer>) {
            return integer(static_cast<std::int64_t>(number));
        } else {
            return integer(static_cast<std::uint64_t>(number));
        }
    }
    template <class T>
    json_writer& value(const std::optional<T>& v) {
        return v ? value(*v) : null();
    }
    /// A value that is JSON text already, as it stands.
    json_writer& raw(std::string_view json);
    /// The same, laid out in this writer's style. Its numbers and strings keep their text.
    json_writer& laid_out(std::string_view json);

    template <class T>
    json_writer& field(std::string_view name, const T& v) {
        key(name);
        return value(v);
    }

  private:
    json_writer& integer(std::int64_t number);
    json_writer& integer(std::uint64_t number);
    void before_value();
    void open(char bracket);
    void close(char bracket);
    void new_line();

    std::string& out_;
    style style_;
    int depth_ = 0;
    bool first_ = true;  // nothing stands in the innermost brackets yet
    bool after_key_ = false;
};

/// `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

}  // namespace lmstress::wire
