#pragma once

#include "sim/generation.hpp"
#include "sim/http_request.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace lmstress::sim {

/// A route that answers in one of OpenAI's ways.
struct openai_route {
    std::string_view path;
    std::string_view prompt;        ///< the member that it cannot do without
    std::string_view limit;         ///< the member that limits the answer
    std::string_view system = {};   ///< the member that holds the system prompt, where it has one
    bool stores = false;            ///< answers have ids, and a request can go on from one
    std::uint64_t template_tokens;  ///< that the model's template adds to the prompt
    /// Refuses a request as this route does.
    void (*refuse)(reply& to, std::string_view message, std::string_view code,
                   std::string_view param);
    std::unique_ptr<generation> (*answer)(chat c, reply& to);
    /// How much it asks the model to reason; empty where it does not.
    std::string (*effort)(const boost::json::object& asked);
};

/// The route that the request is for, or null.
[[nodiscard]] const openai_route* find_openai_route(const http_request& request);

/// The request has no prompt.
void refuse_without_prompt(const openai_route& route, reply& to);
/// Its limit is no whole number from 1.
void refuse_limit(const openai_route& route, reply& to);
/// It wants a tool or a document in a way that cannot be.
void refuse_output(const openai_route& route, std::string_view why, std::string_view member,
                   reply& to);
/// It goes on from an answer that the server does not have.
void refuse_previous_response(const openai_route& route, std::string_view id, reply& to);
/// `known` is a model that there is.
void refuse_model(const openai_route& route, std::string_view model, std::string_view known,
                  reply& to);

}  // namespace lmstress::sim
