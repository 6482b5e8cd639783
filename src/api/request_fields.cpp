// LM Studio's documentation (https://lmstudio.ai/docs/developer/rest/chat and
// https://lmstudio.ai/docs/developer/openai-compat, its pages on each route, and the changelog of
// its API); Anthropic's (https://docs.anthropic.com/en/api/messages), Ollama's
// (https://docs.ollama.com/api/chat) and OpenAI's
// (https://platform.openai.com/docs/api-reference/embeddings). What LM Studio's SDK and its REST
// API both have goes by the name of the latter, so that a scenario fits both.

#include "api/request_fields.hpp"

#include "wire/letters.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace lmstress::api {
namespace {

using wire::value_rule;

constexpr value_rule text{.types = value_rule::string};
constexpr value_rule flag{.types = value_rule::boolean};
constexpr value_rule list{.types = value_rule::array};
constexpr value_rule object{.types = value_rule::object};
constexpr value_rule share{.types = value_rule::number, .least = 0, .most = 1};
constexpr value_rule positive{.types = value_rule::integer, .least = 1};
constexpr value_rule count{.types = value_rule::integer, .least = 0};
constexpr value_rule penalty{.types = value_rule::number, .least = -2, .most = 2};

constexpr value_rule temperature{.types = value_rule::number, .least = 0, .most = 2};
constexpr value_rule tokens_or_no_limit{.types = value_rule::integer, .least = -1};
constexpr value_rule text_or_list{.types = value_rule::string | value_rule::array};
constexpr value_rule seed{.types = value_rule::integer, .least = -1e18};

constexpr std::array<std::string_view, 5> native_reasoning = {"off", "low", "medium", "high", "on"};
constexpr std::array<std::string_view, 2> sdk_reasoning = {"off", "on"};
constexpr std::array<std::string_view, 3> overflow = {"stopAtLimit", "truncateMiddle",
                                                      "rollingWindow"};
constexpr std::array<std::string_view, 3> think_levels = {"low", "medium", "high"};
constexpr std::array<std::string_view, 2> encodings = {"float", "base64"};
constexpr std::array<std::string_view, 3> tool_choices = {"none", "auto", "required"};
constexpr value_rule tool_choice{.types = value_rule::string | value_rule::object,
                                 .words = tool_choices};

constexpr std::string_view native = "lmstudio";
constexpr std::string_view chat = "openai-chat";
constexpr std::string_view completions = "openai-completions";
constexpr std::string_view responses = "openai-responses";
constexpr std::string_view v0 = "lmstudio-v0";

constexpr std::string_view v0_completions = "lmstudio-v0-completions";
constexpr std::string_view sdk = "lmstudio-sdk";

constexpr api_names openai{chat, completions, responses, v0, v0_completions, sdk};
constexpr api_names chunked{chat, completions, v0, v0_completions};
constexpr api_names sampled{chat, completions, v0, v0_completions, sdk};
constexpr api_names answers{native, responses};  // that the server may keep
constexpr std::string_view messages = "anthropic-messages";
constexpr std::string_view ollama = "ollama";
constexpr api_names embeddings{"openai-embeddings", "lmstudio-v0-embeddings"};

constexpr std::array fields = {
    request_field{native, "temperature", share, "randomness of sampling"},
    request_field{native, "top_p", share, "nucleus sampling: share of probability kept"},
    request_field{native, "top_k", count, "most probable tokens to choose from"},
    request_field{
        {native, sdk}, "min_p", share, "least probability, relative to the most probable token"},
    request_field{native, "repeat_penalty", {.types = value_rule::number}, "1 is none"},
    request_field{
        {native, responses, sdk}, "max_output_tokens", positive, "in place of workload.max_tokens"},
    request_field{native,
                  "reasoning",
                  {.types = value_rule::string, .words = native_reasoning},
                  "how much the model reasons"},
    request_field{native, "context_length", positive, "used where this request loads the model"},
    request_field{native, "system_prompt", text, "in place of workload.system_prompt"},
    request_field{native, "integrations", list, "plugins and MCP servers"},
    request_field{answers, "store", flag, "keep the answers on the server; lmstress says false"},
    request_field{answers, "previous_response_id", text, "answer that this one goes on from"},

    request_field{openai, "temperature", temperature, "randomness of sampling"},
    request_field{openai, "top_p", share, "nucleus sampling: share of probability kept"},
    request_field{sampled, "top_k", count, "most probable tokens to choose from"},
    request_field{sampled, "repeat_penalty", {.types = value_rule::number}, "1 is none"},
    request_field{sampled, "presence_penalty", penalty, "for tokens that have been used"},
    request_field{sampled, "frequency_penalty", penalty, "for each use of a token"},
    request_field{sampled, "logit_bias", object, "token ids and what is added to their logits"},
    request_field{sampled, "max_tokens", tokens_or_no_limit,
                  "in place of workload.max_tokens; -1: no limit"},
    request_field{sampled, "stop", text_or_list, "texts that end the answer"},
    request_field{sampled, "seed", seed, "of sampling, in place of workload.seed"},
    request_field{chunked, "stream_options", object, "merged with include_usage"},
    request_field{sampled, "draft_model", text, "model for speculative decoding"},
    request_field{chunked, "ttl", positive,
                  "seconds until a model that this request loads is unloaded"},
    request_field{{chat, completions, sdk}, "preset", text, "preset of LM Studio"},
    request_field{{chat, responses, v0, sdk}, "tools", list, "functions that the model may call"},
    request_field{{chat, responses}, "tool_choice", tool_choice, "whether it calls one"},
    request_field{{chat, v0, sdk}, "response_format", object, "{\"type\": \"json_schema\", ...}"},
    request_field{chat, "reasoning_effort", text, "how much the model reasons"},

    request_field{sdk,
                  "tool_choice",
                  {.types = value_rule::string, .words = tool_choices},
                  "whether the model calls one"},
    request_field{sdk,
                  "reasoning",
                  {.types = value_rule::string, .words = sdk_reasoning},
                  "whether the model reasons"},
    request_field{sdk, "reasoningBudget", count, "tokens that the model may reason for"},
    request_field{sdk,
                  "contextOverflowPolicy",
                  {.types = value_rule::string, .words = overflow},
                  "what becomes of an answer that passes the context"},

    request_field{responses, "top_logprobs", count, "most probable tokens to tell with each token"},
    request_field{responses, "instructions", text, "in place of workload.system_prompt"},
    request_field{responses, "reasoning", object,
                  "how much the model reasons: {\"effort\": \"low\"}"},
    request_field{responses, "max_tool_calls", positive, "of tools that the server calls itself"},
    request_field{responses, "parallel_tool_calls", flag, "several calls in one answer"},
    request_field{responses, "text", object, "{\"format\": {\"type\": \"json_schema\", ...}}"},
    request_field{responses, "metadata", object, "notes to keep with the answer"},

    request_field{messages, "max_tokens", positive, "in place of workload.max_tokens"},
    request_field{messages,
                  "system",
                  {.types = value_rule::string | value_rule::array},
                  "in place of workload.system_prompt"},
    request_field{messages, "temperature", share, "randomness of sampling"},
    request_field{messages, "top_p", share, "nucleus sampling: share of probability kept"},
    request_field{messages, "top_k", count, "most probable tokens to choose from"},
    request_field{messages, "stop_sequences", list, "texts that end the answer"},
    request_field{messages, "thinking", object, "{\"type\": \"enabled\", \"budget_tokens\": N}"},
    request_field{messages, "tools", list, "functions that the model may call"},
    request_field{messages, "tool_choice", object, "{\"type\": \"auto\"}: whether it calls one"},
    request_field{messages, "metadata", object, "{\"user_id\": ...}"},

    request_field{ollama, "options", object,
                  "temperature, top_k, top_p, num_ctx ...; merged with num_predict and seed"},
    request_field{ollama,
                  "keep_alive",
                  {.types = value_rule::string | value_rule::number, .least = -1},
                  "how long the model stays in memory: \"5m\", or seconds; -1: for ever"},
    request_field{ollama,
                  "think",
                  {.types = value_rule::boolean | value_rule::string, .words = think_levels},
                  "whether and how much the model reasons"},
    request_field{ollama,
                  "format",
                  {.types = value_rule::string | value_rule::object},
                  "\"json\" or a JSON Schema"},
    request_field{ollama, "tools", list, "functions that the model may call"},

    request_field{embeddings, "dimensions", positive, "length of a vector"},
    request_field{embeddings,
                  "encoding_format",
                  {.types = value_rule::string, .words = encodings},
                  "how a vector is written"},
    request_field{embeddings, "user", text, "who asks"},
};

const request_field* find_field(std::string_view api, std::string_view name) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const request_field& f) {
        return f.apis.contain(api) && f.name == name;
    });
    return found == fields.end() ? nullptr : &*found;
}

error not_of(std::string_view api, std::string_view name) {
    std::vector<std::string_view> names;
    for (const request_field& f : fields) {
        if (f.apis.contain(api)) names.push_back(f.name);
    }
    const std::string_view near = wire::nearest(name, names);
    const std::string advice = near.empty()
                                   ? "Give it with --extra if the server takes it all the same."
                                   : "Did you mean " + std::string{near} +
                                         "? Anything else that the server takes goes into --extra.";
    return {errc::usage,
            "/request/" + std::string{name} + " is no field of the API " + std::string{api},
            advice};
}

}  // namespace

std::string api_names::joined() const {
    std::string out;
    for (const std::string_view name : names_) {
        if (name.empty()) break;
        out += (out.empty() ? "" : ", ") + std::string{name};
    }
    return out;
}

std::span<const request_field> request_fields() noexcept {
    return fields;
}

result<void> check_request_fields(std::string_view api, const field_texts& wanted) {
    for (const auto& [name, value] : wanted) {
        const request_field* field = find_field(api, name);
        if (field == nullptr) return not_of(api, name);
        if (wire::fits(field->rule, boost::json::parse(value))) continue;
        return error{errc::usage, "/request/" + name + ": " + value + " is not " +
                                      wire::form_of(field->rule) + ", as " + std::string{api} +
                                      " wants it"};
    }
    return {};
}

bool has_field(std::string_view api, std::string_view name) {
    return find_field(api, name) != nullptr;
}

bool any_takes(const std::pair<std::string, std::string>& wanted) {
    const auto value = boost::json::parse(wanted.second);
    return std::any_of(fields.begin(), fields.end(), [&](const request_field& f) {
        return f.name == wanted.first && wire::fits(f.rule, value);
    });
}

}  // namespace lmstress::api
