#pragma once

#include "lmstress/scenario.hpp"
#include "lmstress/server_facts.hpp"
#include "net/url.hpp"
#include "server/http_call.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::server {

/// A model of a server's list.
struct listed_model {
    std::string key;
    std::vector<std::string> instances = {};     ///< ids of those in memory; only LM Studio says
    std::optional<std::uint64_t> parallel = {};  ///< of the first of them, as the next one
    std::optional<std::uint64_t> context_length = {};
    std::string quantization = {};
    std::optional<model_facts> facts = {};  ///< only LM Studio says
    bool embeds = false;                    ///< it makes vectors; only LM Studio says
};

/// The models of GET /api/v1/models, LM Studio's own list; nothing where the answer is none.
[[nodiscard]] std::optional<std::vector<listed_model>> native_models(const http_answer& answer);
/// The models of GET /v1/models; nothing where the answer is no list.
[[nodiscard]] std::optional<std::vector<listed_model>> openai_models(const http_answer& answer);
/// By its key or an instance of it, whatever the case of the letters.
[[nodiscard]] bool names(const listed_model& m, std::string_view model);

/// The number of slots, or of tokens of context, that a server claims; nothing where no server can
/// have so many or so few.
[[nodiscard]] std::optional<std::uint64_t> slots_in(std::optional<std::uint64_t> said);
[[nodiscard]] std::optional<std::uint64_t> tokens_in(std::optional<std::uint64_t> said);

/// The JSON object of an answer of status 200.
[[nodiscard]] std::optional<boost::json::object> object_of(const http_answer& answer);

/// The beginning of a request's head, for http_call().
[[nodiscard]] std::string head_of(std::string_view method, const net::endpoint& at,
                                  const target_settings& target, std::string_view path);

}  // namespace lmstress::server
