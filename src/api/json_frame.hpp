#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lmstress::api {

/// Parses one JSON text after another into the same memory, so that the small frames of a stream
/// cost no allocation.
class json_frame {
  public:
    json_frame() : parser_({}, {}, scratch_.data(), scratch_.size()) {}

    /// The object in `text`, valid until the next call; null where the text is no JSON object.
    [[nodiscard]] const boost::json::object* parse(std::string_view text);

  private:
    // Enough for the frames that a stream is made of; there is one of these for each stream.
    std::array<unsigned char, 1024> scratch_;
    std::array<unsigned char, 3072> memory_;
    boost::json::monotonic_resource resource_{memory_.data(), memory_.size()};
    boost::json::parser parser_;
    std::optional<boost::json::value> value_;
};

// Lookups that take what a server sent as it is: absent and of another type are the same.

[[nodiscard]] std::string_view string_at(const boost::json::object& o, std::string_view key);
[[nodiscard]] const boost::json::object* object_at(const boost::json::object& o,
                                                   std::string_view key);
[[nodiscard]] std::optional<double> number_at(const boost::json::object& o, std::string_view key);
[[nodiscard]] std::optional<std::uint64_t> count_at(const boost::json::object& o,
                                                    std::string_view key);

/// The text of an error in any of its shapes: "error": "text", "error": {"message": "text"},
/// "message": "text". Empty where there is none.
[[nodiscard]] std::string_view error_message_in(const boost::json::object& o);

}  // namespace lmstress::api
