#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string_view>

// Settings on the socket of LM Studio's SDK stand in a "KV config", an array of keys and values
// (https://github.com/lmstudio-ai/lmstudio-js, packages/lms-kv-config/src/schema.ts).

namespace lmstress::api {

/// Sets the value of a key in a KV config, or adds it.
void set_kv(boost::json::array& config, std::string_view key, const boost::json::value& value);

/// Sets a field of a scenario's request in the body of a prediction, in the SDK's own form. It has
/// been checked (request_fields.hpp).
void set_sdk_field(boost::json::object& body, std::string_view name,
                   const boost::json::value& value);

}  // namespace lmstress::api
