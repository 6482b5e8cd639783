#pragma once

#include "lmstress/error.hpp"
#include "wire/value_rule.hpp"

#include <boost/json/fwd.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lmstress::api {

/// Names of the table of APIs, one or several.
class api_names {
  public:
    template <std::convertible_to<std::string_view>... Names>
        requires(sizeof...(Names) > 0)
    constexpr api_names(Names... names) : names_{names...} {}  // NOLINT(*-explicit-*)

    [[nodiscard]] constexpr bool contain(std::string_view api) const {
        return !api.empty() && std::find(names_.begin(), names_.end(), api) != names_.end();
    }
    /// "openai-chat, lmstudio-v0"
    [[nodiscard]] std::string joined() const;

  private:
    std::array<std::string_view, 8> names_;  // the rest is empty
};

/// A field of a request's body that APIs document and a scenario may set, by their own name.
struct request_field {
    api_names apis;
    std::string_view name;
    wire::value_rule rule;
    std::string_view text;  ///< what it is, in one line
};

/// Of every API. What the load itself decides (model, prompt, stream) is not among them.
[[nodiscard]] std::span<const request_field> request_fields() noexcept;

/// Fields with their JSON text, as a scenario holds them.
using field_texts = std::vector<std::pair<std::string, std::string>>;

/// Sets a field in a body where it is no member of it by its name.
using field_setter = void (*)(boost::json::object& body, std::string_view name,
                              const boost::json::value& value);

/// Whether each of them is a field of that API, with a value that it takes. An error names the
/// first that is not.
[[nodiscard]] result<void> check_request_fields(std::string_view api, const field_texts& fields);

/// The API has a field of that name, whatever its value.
[[nodiscard]] bool has_field(std::string_view api, std::string_view name);

/// Some API has that field and takes that value.
[[nodiscard]] bool any_takes(const std::pair<std::string, std::string>& field);

}  // namespace lmstress::api
