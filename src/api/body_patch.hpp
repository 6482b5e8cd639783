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
    /// `extra` is a JSON object, or empty. Both have been checked. Each field is a member of the
    /// body by its name, or `set` sets it.
    body_patch(const field_texts& fields, std::string_view extra, field_setter set = nullptr);

    [[nodiscard]] std::string apply(std::string body) const;

  private:
    boost::json::object fields_;
    boost::json::object extra_;
    field_setter set_ = nullptr;
};

}  // namespace lmstress::api
