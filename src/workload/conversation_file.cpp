#include "workload/conversation_file.hpp"

#include "wire/json_value.hpp"
#include "workload/prompts.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace lmstress::workload {
namespace {

namespace json = boost::json;
using role = api::chat_message::role;

std::string text_at(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string{std::string_view{v->get_string()}}
                                          : std::string{};
}

/// JSON text, whether it stands there as a string or as an object.
std::string json_at(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr) return "{}";
    return v->is_string() ? text_at(o, key) : wire::json_text(*v);
}

const json::array* array_at(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    return v != nullptr ? v->if_array() : nullptr;
}

/// The text of a content: a string, or the texts of its parts.
std::string text_of(const json::value& content) {
    if (content.is_string()) return std::string{std::string_view{content.get_string()}};
    std::string out;
    if (const json::array* parts = content.if_array()) {
        for (const json::value& part : *parts) {
            if (const json::object* o = part.if_object()) out += text_at(*o, "text");
        }
    }
    return out;
}

/// Reads one conversation, message after message.
class script_reader {
  public:
    /// What is wrong with the message; empty: nothing.
    std::string_view take(const json::value& v) {
        const json::object* message = v.if_object();
        if (message == nullptr) return "it is no object";
        const std::string who = text_at(*message, "role");
        const json::value none;
        const json::value* content = message->if_contains("content");
        if (content == nullptr) content = &none;
        if (who == "system" || who == "developer") return system(text_of(*content));
        if (who == "user") return user(*content);
        if (who == "assistant") return assistant(*message, *content);
        if (who == "tool") return result(text_at(*message, "tool_call_id"), text_of(*content));
        return "its role is none of system, user, assistant and tool";
    }

    std::string_view system(std::string text) {
        if (!script_.turns.empty()) return "a system prompt stands at the beginning only";
        script_.system_prompt = std::move(text);
        return {};
    }

    /// What is wrong with the whole; empty: nothing.
    std::string_view finish(script& into) {
        if (const auto wrong = end_of_results(); !wrong.empty()) return wrong;
        if (script_.turns.empty()) return "it has no turn of a user";
        into = std::move(script_);
        return {};
    }

  private:
    std::string_view user(const json::value& content) {
        if (const json::array* parts = content.if_array()) {
            for (const json::value& part : *parts) {
                const json::object* o = part.if_object();
                if (o == nullptr || text_at(*o, "type") != "tool_result") continue;
                const json::value* said = o->if_contains("content");
                const auto wrong =
                    result(text_at(*o, "tool_use_id"), said ? text_of(*said) : std::string{});
                if (!wrong.empty()) return wrong;
            }
        }
        std::string prompt = text_of(content);
        if (prompt.empty()) return open_ > 0 || next_.before.empty() ? "it says nothing" : "";
        if (open_ > 0) return "a call of a tool before it has no result";
        next_.prompt = std::move(prompt);
        end_turn();
        return {};
    }

    std::string_view assistant(const json::object& message, const json::value& content) {
        if (script_.turns.empty()) return "the first to speak is the user";
        if (const auto wrong = end_of_results(); !wrong.empty()) return wrong;
        api::chat_message calls{.by = role::assistant, .text = {}};
        if (const json::array* all = array_at(message, "tool_calls")) {
            for (const json::value& v : *all) {
                const json::object* call = v.if_object();
                const json::value* function = call ? call->if_contains("function") : nullptr;
                if (function == nullptr || !function->is_object()) return "a call has no function";
                const json::object& f = function->get_object();
                calls.calls.push_back(
                    {text_at(*call, "id"), text_at(f, "name"), json_at(f, "arguments")});
            }
        }
        if (const json::array* parts = content.if_array()) {
            for (const json::value& v : *parts) {
                const json::object* part = v.if_object();
                if (part == nullptr || text_at(*part, "type") != "tool_use") continue;
                calls.calls.push_back(
                    {text_at(*part, "id"), text_at(*part, "name"), json_at(*part, "input")});
            }
        }
        for (const api::tool_use& call : calls.calls) {
            if (call.id.empty() || call.name.empty())
                return "a call of a tool has an id and a name";
            json::error_code ec;
            if (!json::parse(call.arguments, ec).is_object() || ec)
                return "the arguments of a call are no JSON object";
        }
        open_ = calls.calls.size();
        if (open_ > 0) next_.before.push_back(std::move(calls));
        return {};
    }

    std::string_view result(const std::string& of, std::string text) {
        const bool called =
            !next_.before.empty() &&
            std::any_of(next_.before.front().calls.begin(), next_.before.front().calls.end(),
                        [&](const api::tool_use& call) { return call.id == of; });
        const bool twice = std::any_of(next_.before.begin(), next_.before.end(),
                                       [&](const auto& m) { return m.answers == of; });
        if (!called || twice) return "the result of a tool that was not called before it";
        next_.before.push_back({.by = role::tool, .text = std::move(text), .answers = of});
        --open_;
        return {};
    }

    /// Results that nobody's turn follows ask for an answer by themselves.
    std::string_view end_of_results() {
        if (open_ > 0) return "a call of a tool has no result";
        if (!next_.before.empty()) end_turn();
        return {};
    }

    void end_turn() {
        script_.turns.push_back(std::move(next_));
        next_ = {};
    }

    script script_;
    script::turn next_;
    std::size_t open_ = 0;  // calls whose result has not come
};

/// For a text that bears no more than that share of the overhead.
std::optional<prompt_calibration> calibration_with_overhead(const prompt_calibration* by,
                                                            double share) {
    if (by == nullptr) return std::nullopt;
    prompt_calibration c = *by;
    c.overhead *= share;
    return c;
}

result<script> script_of(std::string_view line, const std::string& where) {
    const auto wrong = [&](std::string_view why) {
        return error{errc::bad_file, where + " is no conversation: " + std::string{why},
                     "A line is JSON: {\"messages\": [{\"role\": \"user\", \"content\": \"...\"}, "
                     "...]}; docs/conversations.md shows more."};
    };
    json::error_code ec;
    const json::value v = json::parse(line, ec);
    const json::array* messages =
        ec || !v.is_object() ? nullptr : array_at(v.get_object(), "messages");
    if (messages == nullptr) return wrong("it has no messages");
    script_reader reader;
    if (const json::value* system = v.get_object().if_contains("system")) {
        static_cast<void>(reader.system(text_of(*system)));
    }
    std::size_t n = 0;
    for (const json::value& message : *messages) {
        ++n;
        if (const auto why = reader.take(message); !why.empty()) {
            return wrong("message " + std::to_string(n) + ": " + std::string{why});
        }
    }
    script out;
    if (const auto why = reader.finish(out); !why.empty()) return wrong(why);
    return out;
}

}  // namespace

result<conversation_file> conversation_file::from_text(std::string_view content,
                                                       const std::string& name,
                                                       const workload_settings& s) {
    conversation_file file{s};
    std::optional<error> failed;
    for_each_line(content, [&](std::string_view line, std::size_t number) {
        auto one = script_of(line, name + " line " + std::to_string(number));
        if (one) {
            file.scripts_.push_back(*std::move(one));
        } else {
            failed = one.error();
        }
        return !failed;
    });
    if (failed) return *failed;
    if (file.scripts_.empty()) return error{errc::bad_file, name + " holds no conversation"};
    shuffle(file.scripts_, s.seed);
    return file;
}

script conversation_file::at(std::string_view run_id, std::uint32_t level, std::uint64_t c) const {
    script one = scripts_[c % scripts_.size()];
    std::string& first = one.turns.front().prompt;
    first = salted(settings_, run_id, level, c, std::move(first));
    return one;
}

script script_of_prompts(const prompts& from, const workload_settings& s, std::string_view run_id,
                         std::uint32_t level, std::uint64_t c, const prompt_calibration* by) {
    script one;
    const std::uint64_t first = c * s.conversation.turns * s.inputs_each;
    one.max_tokens = from.max_tokens(first);
    const auto sharing = calibration_with_overhead(by, 1.0 / s.inputs_each);
    const auto said = [&](std::uint64_t k) {
        one.asked_tokens += from.asked_tokens(k).value_or(0);
        return salted(s, run_id, level, k, from.text(k, sharing ? &*sharing : nullptr));
    };
    one.turns.push_back({said(first)});
    for (std::uint32_t i = 1; i < s.inputs_each; ++i) {
        one.turns.front().further_inputs.push_back(said(first + i));
    }
    // What is sent with a later turn depends on the answers before it: its length is its prompt's.
    const auto alone = calibration_with_overhead(by, 0);
    for (std::uint32_t turn = 1; turn < s.conversation.turns; ++turn) {
        one.turns.push_back({from.text(first + turn, alone ? &*alone : nullptr)});
    }
    return one;
}

std::uint32_t conversation_file::most_turns() const {
    std::size_t most = 0;
    for (const script& s : scripts_) most = std::max(most, s.turns.size());
    return static_cast<std::uint32_t>(most);
}

bool conversation_file::have_tool_results() const {
    return std::any_of(scripts_.begin(), scripts_.end(), [](const script& s) {
        return std::any_of(s.turns.begin(), s.turns.end(),
                           [](const script::turn& t) { return !t.before.empty(); });
    });
}

std::uint64_t conversation_file::typical_tokens() const {
    std::uint64_t characters = 0;
    for (const script& s : scripts_) {
        characters += s.system_prompt.size();
        for (const script::turn& t : s.turns) {
            characters += t.prompt.size();
            for (const api::chat_message& m : t.before) characters += m.text.size();
        }
    }
    return characters / scripts_.size() / characters_per_token;
}

}  // namespace lmstress::workload
