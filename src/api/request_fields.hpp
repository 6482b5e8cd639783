#pragma once

#include "lmstress/error.hpp"
#include "wire/value_rule.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lmstress::api {

/// A field of a request's body that an API documents and a scenario may set, by the API's own name.
struct request_field {
    std::string_view api;  ///< a name of the table of APIs
    std::string_view name;
    wire::value_rule rule;
    std::string_view text;  ///< what it is, in one line
};

/// Of every API. What the load itself decides (model, prompt, stream) is not among them.
[[nodiscard]] std::span<const request_field> request_fields() noexcept;

/// Fields with their JSON text, as a scenario holds them.
using field_texts = std::vector<std::pair<std::string, std::string>>;

/// Whether each of them is a field of that API, with a value that it takes. An error names the
/// first that is not.
[[nodiscard]] result<void> check_request_fields(std::string_view api, const field_texts& fields);

}  // namespace lmstress::api
