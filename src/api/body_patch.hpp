#pragma once

#include "api/request_fields.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace lmstress::api {

/// What a scenario changes in the body of every request: the API's fields that it sets, and after
/// them its `extra`, an RFC 7396 merge patch.
class body_patch {
  public:
    body_patch() = default;
    /// `extra` is a JSON object, or empty. Both have been checked.
    body_patch(const field_texts& fields, std::string_view extra);

    [[nodiscard]] std::string apply(std::string body) const;

  private:
    boost::json::object fields_;
    boost::json::object extra_;
};

}  // namespace lmstress::api
