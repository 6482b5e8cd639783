#include "conformance/npm_talk.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <utility>

namespace test {

namespace json = boost::json;

talk::talk(std::vector<std::string> arguments)
    : log_(directory_.path() / "truth.jsonl"), sim_(quick(std::move(arguments))) {}

std::optional<json::array> talk::with(const std::string& client, const std::string& what,
                                      std::size_t count, const std::string& model,
                                      const std::string& token) {
    child_process script{
        {NPM_CLIENTS, "run", client, sim_.url(), token, model, what, std::to_string(count)}};
    const int code = script.wait(std::chrono::seconds{240});
    CAPTURE(script.output());
    if (code == 77) {
        MESSAGE("skipped: ", script.output());
        return std::nullopt;
    }
    REQUIRE(code == 0);
    json::array found = json::parse(script.output()).as_array();
    REQUIRE(found.size() == count);
    return found;
}

std::vector<json::object> talk::truth_in_order() {
    sim_.stop();
    std::vector<json::object> out;
    for (const std::string& line : lines_of(log_)) {
        json::object o = json::parse(line).as_object();
        if (o.at("type").as_string() == "answer") out.push_back(std::move(o));
    }
    return out;
}

answers talk::truth() {
    answers out;
    for (json::object& o : truth_in_order()) {
        const std::string id = o.at("request_id").as_string().c_str();
        out.emplace(id, std::move(o));
    }
    return out;
}

std::vector<std::string> talk::quick(std::vector<std::string> arguments) const {
    for (const char* a : {"--step-base", "1ms", "--step-per-stream", "0ms", "--prefill-per-token",
                          "1us", "--truth-log", log_.c_str()}) {
        arguments.emplace_back(a);
    }
    return arguments;
}

namespace {

/// The events as the client saw them, a letter each (clients/*.mjs), as they should come.
std::string right_order(const std::string& client, const json::object& truth) {
    const auto tokens = truth.at("output_tokens").to_number<std::size_t>();
    const bool call = !truth.at("tool").as_string().empty();
    // A model that reasons does so for half of its answer.
    const std::size_t thought = truth.at("reasoning").as_string().empty() ? 0 : tokens / 2;
    if (client == "lmstudio-sdk-predict") {
        return "bp" + std::string(thought, 'r') + std::string(tokens - thought, 't');
    }
    if (client == "anthropic") {
        const std::string thinking = thought > 0 ? "b" + std::string(thought, 't') + "ge" : "";
        return "m" + thinking + "b" + std::string(tokens - thought, 't') + "efs";
    }
    return (call ? "c" : "") + std::string(tokens, 't') + "fu";
}

}  // namespace

std::string difference(const std::string& client, const json::object& seen,
                       const json::object* truth) {
    if (seen.contains("error")) return json::serialize(seen.at("error"));
    if (truth == nullptr) return "no such answer";
    std::string out;
    const auto differs = [&](const char* what) { out += std::string{what} + " "; };
    for (const char* member :
         {"model", "text", "tool", "arguments", "input_tokens", "output_tokens", "finish_reason"}) {
        const json::value* value = seen.if_contains(member);
        if (value == nullptr || *value != truth->at(member)) differs(member);
    }
    if (const json::value* reasoning = seen.if_contains("reasoning")) {
        if (*reasoning != truth->at("reasoning")) differs("reasoning");
    }
    if (const json::value* thoughts = seen.if_contains("thoughts")) {
        if (*thoughts != truth->at("reasoning")) differs("thoughts");
    }
    if (const json::value* order = seen.if_contains("order")) {
        if (order->as_string() != right_order(client, *truth)) differs("order");
    }
    if (const json::value* counted = seen.if_contains("counted")) {
        if (*counted != truth->at("output_tokens")) differs("counted tokens");
    }
    if (const json::value* deltas = seen.if_contains("deltas")) {
        const json::string& text = truth->at("text").as_string();
        if (*deltas != (text.empty() ? truth->at("arguments").as_string() : text))
            differs("deltas");
        if (!seen.at("in_sequence").as_bool()) differs("sequence numbers");
    }
    if (const json::value* blocks = seen.if_contains("blocks")) {
        const int wanted = truth->at("reasoning").as_string().empty() ? 1 : 2;
        if (blocks->to_number<int>() != wanted) differs("blocks");
    }
    return out;
}

const json::object* find(const answers& truth, const json::object& seen) {
    const auto found = truth.find(seen.at("id").as_string().c_str());
    return found == truth.end() ? nullptr : &found->second;
}

}  // namespace test
