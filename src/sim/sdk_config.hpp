#pragma once

#include "sim/models.hpp"
#include "sim/shaped_output.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>

// Reading what the SDK's protocol brings: members of messages, and "KV configs", stacks of keys and
// values (https://github.com/lmstudio-ai/lmstudio-js, packages/lms-kv-config/src/schema.ts).

namespace lmstress::sim {

/// A count; 0 where there is none.
[[nodiscard]] std::uint64_t count_in(const boost::json::object& o, std::string_view key);
/// An object; an empty one where there is none.
[[nodiscard]] const boost::json::object& object_in(const boost::json::object& o,
                                                   std::string_view key);

/// The instance that a ModelSpecifier (lms-shared-types/src/ModelSpecifier.ts) under that key
/// means; empty for any.
[[nodiscard]] std::string identifier_of(const boost::json::object& parameter, std::string_view key);

/// What a model is loaded with.
struct load_settings {
    engine_settings engine;
    instance_settings set;
};

/// Lays a `loadConfigStack` over the settings; the key of a value that makes no sense. Keys that
/// are not known are passed over.
[[nodiscard]] std::optional<std::string> take_load_stack(const boost::json::object& stack,
                                                         load_settings& s);

/// What a prediction asks for.
struct prediction_settings {
    std::uint64_t most_tokens;
    std::string draft_model = {};
    bool thinks = false;
    shaped_output shape = {};  ///< a call of a tool, or a document
};

/// The same of a `predictionConfigStack`.
[[nodiscard]] std::optional<std::string> take_prediction_stack(const boost::json::object& stack,
                                                               prediction_settings& s);

}  // namespace lmstress::sim
