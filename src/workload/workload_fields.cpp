#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"
#include "workload/field_row.hpp"
#include "workload/field_rules.hpp"
#include "workload/field_tables.hpp"
#include "workload/integration.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace lmstress::workload::fields {
namespace {

constexpr value_rule lengths{
    .types = value_rule::string,
    .pattern =
        "^(fixed:[1-9][0-9.]*|uniform:[1-9][0-9.]*\\.\\.[0-9.]+|(log)?normal:[1-9][0-9.]*,[0-9.]+)"
        "$",
    .form =
        "a law of lengths like fixed:512, uniform:100..500, normal:512,64 or lognormal:512,0.6"};
constexpr value_rule one_integration{.types = value_rule::string | value_rule::object};
constexpr value_rule integrations{
    .types = value_rule::array | value_rule::string | value_rule::object,
    .form =
        "a plugin's name, {\"type\": \"plugin\", \"id\": ...}, {\"type\": \"ephemeral_mcp\", "
        "\"server_label\": ..., \"server_url\": ...} with allowed_tools and headers, or a list of "
        "those",
    .items = &one_integration};

constexpr value_rule images{.types = value_rule::array | value_rule::string,
                            .form = "a file, or a list of files",
                            .items = &some_text};
constexpr std::array<std::string_view, 3> salt_words = {"run", "seed", "none"};

constexpr std::array<std::string_view, 3> history_words = {"auto", "stateful", "resent"};

bool take_integrations(const json::value& v, std::vector<std::string>& into) {
    // A flag's text is a text: what begins like JSON is no plugin's name, and its headers are
    // secrets.
    if (v.is_string() && v.get_string().find_first_of("{[") != json::string::npos) {
        json::error_code ec;
        const json::value inside = json::parse(std::string_view{v.get_string()}, ec);
        return !ec && !inside.is_string() && take_integrations(inside, into);
    }
    std::vector<std::string> all;
    const auto keep = [&](const json::value& one) {
        all.push_back(wire::json_text(one));
        return is_integration(one);
    };
    const bool good =
        v.is_array() ? std::all_of(v.get_array().begin(), v.get_array().end(), keep) : keep(v);
    if (good) into = std::move(all);
    return good;
}

/// With the values of its headers: who shows or stores them hides those.
bool put_integrations(json_writer& w, const std::vector<std::string>& all) {
    if (all.empty()) return false;
    w.begin_array();
    for (const std::string& one : all) w.raw(one);
    w.end_array();
    return true;
}

bool some(std::string_view text) {
    return !text.empty();
}

constexpr auto give_prompt = [](const json::value& v, scenario& s) {
    s.workload.conversation.file.clear();
    s.workload.prompts_file.clear();
    s.workload.synthetic.reset();
    return take(v, s.workload.prompt) && !s.workload.prompt.empty();
};
constexpr auto give_prompts = [](const json::value& v, scenario& s) {
    s.workload.conversation.file.clear();
    s.workload.prompt.clear();
    s.workload.synthetic.reset();
    return take(v, s.workload.prompts_file);
};
constexpr auto give_synthetic = [](const json::value& v, scenario& s) {
    s.workload.prompt.clear();
    s.workload.prompts_file.clear();
    s.workload.conversation.file.clear();
    return take(v, s.workload.synthetic);
};
constexpr auto give_conversations = [](const json::value& v, scenario& s) {
    s.workload.prompt.clear();
    s.workload.prompts_file.clear();
    s.workload.synthetic.reset();
    return take(v, s.workload.conversation.file);
};

// clang-format off
constexpr std::array rows = {
    instead(row("/workload/prompt", "--prompt", "TEXT", some_text, "one prompt for all requests",
        [](auto& s) -> auto& { return s.workload.prompt; }), "prompt", give_prompt),
    instead(row("/workload/prompts", "--prompts", "FILE", text,
        "file of prompts: JSONL with a \"prompt\" in each line, or a prompt a line; default: 48 built-in chat prompts",
        [](auto& s) -> auto& { return s.workload.prompts_file; }), "prompt", give_prompts),
    instead(row("/workload/synthetic", "--synthetic", "LAW", lengths,
        "made-up prompts of these lengths in tokens: fixed:512, uniform:100..500, normal:512,64, lognormal:512,0.6",
        [](auto& s) -> auto& { return s.workload.synthetic; }), "prompt", give_synthetic),
    sets(row("/workload/calibrate", "--no-calibration", "", truth,
        "take four characters for a token in made-up prompts, and send no requests to find out what the server counts",
        [](auto& s) -> auto& { return s.workload.calibrate; }), "false"),
    instead(row("/workload/system_prompt", "--system-prompt", "TEXT", text, "system prompt of every request",
        [](auto& s) -> auto& { return s.workload.system_prompt; }), "system prompt",
        [](const json::value& v, scenario& s) {
            s.workload.system_prompt_file.clear();
            return take(v, s.workload.system_prompt);
        }),
    instead(row("/workload/system_prompt_file", "--system-prompt-file", "FILE", text, "file that holds it",
        [](auto& s) -> auto& { return s.workload.system_prompt_file; }), "system prompt",
        [](const json::value& v, scenario& s) {
            s.workload.system_prompt.clear();
            return take(v, s.workload.system_prompt_file);
        }),
    row("/workload/max_tokens", "--max-tokens", "N",
        {.types = value_rule::integer, .least = 1, .most = 1'000'000}, "longest answer, in tokens",
        [](auto& s) -> auto& { return s.workload.max_tokens; }),
    row("/workload/seed", "--seed", "N",
        {.types = value_rule::integer, .most = 1.8446744073709552e19,
         .form = "a whole number from 0 to 18446744073709551615"},
        "of everything that chance decides", [](auto& s) -> auto& { return s.workload.seed; }),
    row("/workload/turns", "--turns", "N",
        {.types = value_rule::integer, .least = 1, .most = 1000},
        "user turns of each conversation, a prompt each: the answer of each is in the request of the next",
        [](auto& s) -> auto& { return s.workload.conversation.turns; }),
    instead(row("/workload/conversations", "--conversations", "FILE", text,
        "file of conversations: JSONL with \"messages\" in each line, as OpenAI or Anthropic have them",
        [](auto& s) -> auto& { return s.workload.conversation.file; }), "prompt",
        give_conversations),
    scenario_field{"/workload/history", "--conversation-history", "WORD", "", words(history_words),
        "how earlier turns reach the server: stateful (it remembers them), resent, or auto (stateful where the API is)",
        "", true, false,
        [](const json::value& v, scenario& s) { return take_word(v, history_words, s.workload.conversation.history); },
        [](const scenario& s, json_writer& w) { return put_word(w, history_words, s.workload.conversation.history); }},
    scenario_field{"/workload/integrations", "--integrations", "JSON", "", integrations,
        "MCP servers and plugins whose tools LM Studio may call itself (native API): a plugin's name, or JSON; the values of headers are secrets",
        "", true, true,
        [](const json::value& v, scenario& s) { return take_integrations(v, s.workload.integrations); },
        [](const scenario& s, json_writer& w) { return put_integrations(w, s.workload.integrations); }},
    scenario_field{.pointer = "/workload/images",
        .flag = "--image",
        .value_name = "FILE",
        .flag_json = {},
        .rule = images,
        .text = "image to send with each prompt, PNG, JPEG or WebP; may be repeated",
        .instead = {},
        .read = [](const json::value& v, scenario& s) { return take_texts(v, s.workload.images, some); },
        .write = [](const scenario& s, json_writer& w) { return put(w, s.workload.images); },
        .repeated = true},
    row("/workload/inputs", "--inputs", "N", {.types = value_rule::integer, .least = 1, .most = 100'000},
        "texts in each request of openai-embeddings, a prompt each",
        [](auto& s) -> auto& { return s.workload.inputs_each; }),
    scenario_field{"/workload/salt", "--salt", "WORD", "", words(salt_words),
        "what stands before each prompt so that no two share a prefix: run (new in each run), seed (repeatable) or none",
        "", true, false, [](const json::value& v, scenario& s) { return take_word(v, salt_words, s.workload.salt); },
        [](const scenario& s, json_writer& w) { return put_word(w, salt_words, s.workload.salt); }},
};
// clang-format on

}  // namespace

std::span<const scenario_field> workload_fields() noexcept {
    return rows;
}

}  // namespace lmstress::workload::fields
