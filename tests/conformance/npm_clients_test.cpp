// The clients of OpenAI and Anthropic against the built-in server: what they make of an answer is
// what the engine made.

#include "conformance/npm_talk.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

namespace json = boost::json;

using test::answers;
using test::difference;
using test::find;
using test::talk;

namespace {

struct way {
    const char* client;
    const char* what;  ///< a function of clients/CLIENT.mjs
    const char* finish_reason;
};

}  // namespace

TEST_CASE("npm clients: text, arguments, counts and finish reason are those of the engine") {
    for (const way& w : {
             way{"openai", "chat", "length"},
             way{"openai", "chat_to_its_end", "stop"},
             way{"openai", "chat_whole", "length"},
             way{"openai", "tool", "tool_calls"},
             way{"openai", "named_tool", "tool_calls"},
             way{"openai", "tool_whole", "tool_calls"},
             way{"openai", "document", "stop"},
             way{"openai", "streamed_document", "stop"},
             way{"openai", "completions", "length"},
             way{"openai", "responses", "length"},
             way{"openai", "responses_reasoning", "length"},
             way{"openai", "responses_to_its_end", "stop"},
             way{"openai", "responses_tool", "tool_calls"},
             way{"anthropic", "messages", "length"},
             way{"anthropic", "messages_whole", "length"},
             way{"anthropic", "tool", "tool_calls"},
             way{"anthropic", "named_tool", "tool_calls"},
             way{"anthropic", "tool_whole", "tool_calls"},
             way{"anthropic", "thinking", "length"},
             way{"anthropic", "thinking_whole", "length"},
         }) {
        CAPTURE(std::string{w.client});
        CAPTURE(std::string{w.what});
        talk t;
        const auto found = t.with(w.client, w.what, 2);
        if (!found) return;
        const answers truth = t.truth();
        CHECK(truth.size() == 2);
        for (const json::value& seen : *found) {
            CHECK(difference(w.client, seen.as_object(), find(truth, seen.as_object())) == "");
            CHECK(seen.at("finish_reason").as_string() == w.finish_reason);
            CHECK(seen.at("output_tokens").to_number<int>() > 1);
        }
    }
}

TEST_CASE("npm clients: a document is what OpenAI's client parses it to") {
    talk t;
    const auto found = t.with("openai", "document");
    if (!found) return;
    CHECK(found->at(0).at("parsed") ==
          json::parse(R"({"city":"Here is a server","unit":"celsius","days":42})"));
}

TEST_CASE("npm clients: embeddings are the same as numbers and in base64, and the server's own") {
    talk t;
    const auto packed = t.with("openai", "embeddings");
    if (!packed) return;
    const auto numbers = t.with("openai", "embeddings_as_numbers");
    const answers truth = t.truth();
    for (const auto* found : {&*packed, &*numbers}) {
        const json::object& seen = found->at(0).as_object();
        CHECK(seen.at("order") == json::parse("[0,1,2]"));
        const json::array& vectors = seen.at("vectors").as_array();
        const json::value made = json::parse(find(truth, seen)->at("text").as_string());
        REQUIRE(vectors.size() == 3);
        REQUIRE(made.as_array().size() == 3);
        for (std::size_t i = 0; i < 3; ++i) {
            const json::array& vector = vectors[i].as_array();
            REQUIRE(vector.size() == made.at(i).as_array().size());
            for (std::size_t k = 0; k < vector.size(); ++k) {
                CHECK(static_cast<float>(vector[k].to_number<double>()) ==
                      static_cast<float>(made.at(i).at(k).to_number<double>()));
            }
        }
    }
}

TEST_CASE("npm clients: the list of models, and a count of tokens that LM Studio has not") {
    talk t;
    const auto models = t.with("openai", "models");
    if (!models) return;
    const json::array& names = models->at(0).at("names").as_array();
    CHECK(names.size() == 5);
    CHECK(names.at(0).as_string() == talk::known_model);
    const auto count = t.with("anthropic", "count");
    CHECK(count->at(0).at("error").as_string() ==
          "Unexpected endpoint or method. (POST /v1/messages/count_tokens)");
}

TEST_CASE("npm clients: an error is the client's own kind of error") {
    struct row {
        const char* client;
        const char* what;
        std::vector<std::string> sim;
        const char* model;
        const char* name;
        int status;
        const char* words;
    };
    const std::string token = "sk-lm-abcd1234:0123456789abcdefghij";
    const std::vector<std::string> guarded = {"--api-token", token};
    // Nothing is in memory that could stand in for a model that nobody knows.
    const std::vector<std::string> cold = {"--cold"};
    for (const row& r : {
             row{"openai", "chat", guarded, talk::known_model, "AuthenticationError", 401,
                 "LM Studio API token"},
             row{"openai", "embeddings", guarded, talk::known_model, "AuthenticationError", 401,
                 "LM Studio API token"},
             row{"openai", "responses", guarded, talk::known_model, "AuthenticationError", 401,
                 "LM Studio API token"},
             row{"anthropic", "messages", guarded, talk::known_model, "AuthenticationError", 401,
                 "LM Studio API token"},
             row{"openai", "chat", cold, "no/such", "BadRequestError", 400,
                 "Invalid model identifier"},
             row{"openai", "responses", cold, "no/such", "BadRequestError", 400,
                 "Invalid model identifier"},
             row{"openai", "embeddings", cold, "no/such", "BadRequestError", 400,
                 "Invalid model identifier"},
             row{"anthropic", "messages", cold, "no/such", "NotFoundError", 404, "no/such"},
             row{"openai",
                 "chat",
                 {"--fault", "404"},
                 talk::known_model,
                 "NotFoundError",
                 404,
                 "Invalid model identifier"},
             row{"openai",
                 "chat",
                 {"--fault", "429"},
                 talk::known_model,
                 "RateLimitError",
                 429,
                 "Too many requests"},
             row{"anthropic",
                 "messages",
                 {"--fault", "429"},
                 talk::known_model,
                 "RateLimitError",
                 429,
                 "Too many requests"},
             row{"openai",
                 "chat",
                 {"--fault", "500"},
                 talk::known_model,
                 "InternalServerError",
                 500,
                 "fetch failed"},
             row{"anthropic",
                 "messages",
                 {"--fault", "500"},
                 talk::known_model,
                 "InternalServerError",
                 500,
                 "fetch failed"},
             row{"openai",
                 "no_messages",
                 {},
                 talk::known_model,
                 "BadRequestError",
                 400,
                 "'messages' field is required"},
             row{"openai",
                 "bad_format",
                 {},
                 talk::known_model,
                 "BadRequestError",
                 400,
                 "'response_format.type' must be"},
             row{"anthropic",
                 "no_messages",
                 {},
                 talk::known_model,
                 "BadRequestError",
                 400,
                 "messages: Field required"},
             row{"openai",
                 "chat",
                 {"--context-length", "8"},
                 talk::known_model,
                 "APIError",
                 0,
                 "greater than the context length"},
             row{"anthropic",
                 "messages",
                 {"--context-length", "8"},
                 talk::known_model,
                 "APIError",
                 0,
                 "greater than the context length"},
         }) {
        CAPTURE(std::string{r.client});
        CAPTURE(std::string{r.what});
        CAPTURE(std::string{r.name});
        talk t{r.sim};
        const auto found = t.with(r.client, r.what, 1, r.model);
        if (!found) return;
        const json::object& seen = found->at(0).as_object();
        CAPTURE(json::serialize(seen));
        REQUIRE(seen.contains("error"));
        const json::object& error = seen.at("error").as_object();
        CHECK(error.at("name").as_string() == r.name);
        CHECK((r.status == 0 ? error.at("status").is_null()
                             : error.at("status").to_number<int>() == r.status));
        CHECK(error.at("message").as_string().find(r.words) != json::string::npos);
    }
    talk let_in{guarded};
    for (const auto& [client, what] :
         {std::pair{"openai", "chat"}, std::pair{"anthropic", "messages"}}) {
        const auto found = let_in.with(client, what, 1, talk::known_model, token);
        if (!found) return;
        CHECK_FALSE(found->at(0).as_object().contains("error"));
    }
}

TEST_CASE("npm clients: an event that is left out, doubled or late is noticed, wherever it is") {
    struct row {
        const char* client;
        const char* what;
        std::size_t events;  ///< of an answer
        /// Of these no client could know: what closes a stream of OpenAI's chunks carries nothing,
        /// and what follows it, or a second one, is not read.
        std::set<std::size_t> unseen_when_dropped = {};
        std::set<std::size_t> unseen_when_doubled = {};
        std::set<std::size_t> unseen_when_late = {};
    };
    for (const row& r : {
             row{"openai", "chat", 9, {8}, {8}, {8}},
             row{"openai", "tool", 15, {14}, {14}, {14}},
             row{"openai", "completions", 9, {8}, {8}, {8}},
             row{"openai", "responses", 14},
             row{"openai", "responses_reasoning", 19},
             row{"openai", "responses_tool", 6},
             row{"anthropic", "messages", 11},
             row{"anthropic", "tool", 16},
             row{"anthropic", "thinking", 14},
         }) {
        for (const auto& [fault, unseen] : {std::pair{"drop-event", r.unseen_when_dropped},
                                            std::pair{"double-event", r.unseen_when_doubled},
                                            std::pair{"swap-events", r.unseen_when_late}}) {
            CAPTURE(std::string{r.client} + " " + r.what + " " + fault);
            talk t{{"--fault", fault, "--fault-event", "each"}};
            // The request after the last event is spared: there is none to be struck.
            const auto found = t.with(r.client, r.what, r.events + 1);
            if (!found) return;
            const answers truth = t.truth();
            for (std::size_t place = 0; place <= r.events; ++place) {
                CAPTURE(place);
                const json::object& seen = found->at(place).as_object();
                CAPTURE(json::serialize(seen));
                const bool same = difference(r.client, seen, find(truth, seen)).empty();
                // The last event has none to change places with.
                const bool alone =
                    std::string_view{fault} == "swap-events" && place + 1 == r.events;
                CHECK(same == (place == r.events || alone || unseen.contains(place)));
            }
        }
    }
}
