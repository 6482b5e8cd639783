#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>

// The settings of a load as the SDK's socket spells them: a "KV config", an array of keys and
// values. The keys: https://github.com/lmstudio-ai/lmstudio-js,
// packages/lms-kv-config/src/schema.ts.

namespace lmstress::server {

/// The SDK has a namespace for each kind, and keys of its own in it.
enum class model_kind : std::uint8_t { llm, embedding };

/// Settings by the names of the REST API, with `unified_kv` and `gpu` ("off", "max" or a ratio)
/// beside them, as fields. A name that is not known is left out.
[[nodiscard]] boost::json::array fields_of(const boost::json::object& settings,
                                           model_kind kind = model_kind::llm);
/// The way back: what is known of a KV config, by those names. A ratio of 0 is "off", of 1 "max",
/// for they mean the same.
[[nodiscard]] boost::json::object settings_in(const boost::json::value& kv_config);
/// A ratio as settings_in() gives it.
[[nodiscard]] boost::json::value gpu_ratio(const boost::json::value& ratio);

/// The `loadConfigStack` of a call: what is asked for goes before every setting of the server's
/// own.
[[nodiscard]] boost::json::object load_config_stack(boost::json::array fields);

}  // namespace lmstress::server
