// The built-in LM Studio's end of the SDK's protocol: texts and times in, texts out.

#include "sim/sdk_session.hpp"

#include "wire/web_socket.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using lmstress::instant;
using lmstress::nanoseconds;
using lmstress::sim::sdk_session;
using lmstress::sim::server;
using lmstress::sim::server_settings;
namespace json = boost::json;

namespace {

instant at(nanoseconds t) {
    return instant{} + t;
}

struct kept_output final : lmstress::sim::sdk_output, lmstress::wire::web_socket_sink {
    void send_text(std::string text) override { texts.push_back(json::parse(text)); }
    void send_frames(std::string bytes) override { frames.push(bytes); }
    void on_message(std::string_view text) override { texts.push_back(json::parse(text)); }
    void on_ping(std::string_view) override {}
    void on_close(std::uint16_t, std::string_view) override {}
    void hang_up_socket() override { closed = true; }
    void reset_socket() override { reset = true; }
    std::vector<json::value> texts;
    lmstress::wire::web_socket_parser frames{*this};
    bool closed = false;
    bool reset = false;
};

/// A client that was admitted.
struct client {
    explicit client(server& s, const char* path = "/llm") : session(s, out, path) {
        session.take(R"({"authVersion":1,"clientIdentifier":"guest:x","clientPasskey":"y"})",
                     at(0s));
        REQUIRE(out.texts.at(0) == json::parse(R"({"success":true})"));
        out.texts.clear();
    }
    json::value ask(const std::string& text, nanoseconds now = 0s) {
        session.take(text, at(now));
        REQUIRE(!out.texts.empty());
        json::value last = out.texts.back();
        out.texts.clear();
        return last;
    }
    json::value call(const std::string& endpoint, const std::string& parameter = "null") {
        return ask(R"({"type":"rpcCall","callId":1,"endpoint":")" + endpoint + R"(","parameter":)" +
                   parameter + '}');
    }
    kept_output out;
    sdk_session session;
};

const std::string the_model =
    R"({"specifier":{"type":"query","query":{"identifier":"qwen/qwen3-4b"}}})";

std::string load(const std::string& model, const std::string& fields) {
    return R"({"type":"channelCreate","endpoint":"loadModel","channelId":3,"creationParameter":)"
           R"({"modelKey":")" +
           model +
           R"(","identifier":"mine","loadConfigStack":{"layers":)"
           R"([{"layerName":"apiOverride","config":{"fields":[)" +
           fields + "]}}]}}}";
}

}  // namespace

TEST_CASE("sim sdk: the token is the name and the key of the greeting") {
    server s{{.api_token = "sk-lm-abcd1234:key"}, at(0s)};
    kept_output good;
    sdk_session{s, good, "/llm"}.take(
        R"({"authVersion":1,"clientIdentifier":"abcd1234","clientPasskey":"key"})", at(0s));
    CHECK(good.texts.at(0).at("success").as_bool());
    CHECK(!good.closed);
    kept_output bad;
    sdk_session refused{s, bad, "/llm"};
    refused.take("what is this", at(0s));  // LM Studio logs it, and waits
    CHECK(bad.texts.empty());
    refused.take(R"({"authVersion":1,"clientIdentifier":"guest:x","clientPasskey":"y"})", at(0s));
    CHECK(!bad.texts.at(0).at("success").as_bool());
    CHECK(bad.closed);
}

TEST_CASE("sim sdk: what is loaded, how, and what it does") {
    server s{{}, at(0s)};
    client c{s};
    const json::value loaded = c.call("listLoaded").at("result");
    CHECK(loaded.at(0).at("identifier").as_string() == "qwen/qwen3-4b");
    CHECK(loaded.at(0).at("contextLength").to_number<int>() == 8192);
    CHECK(c.call("getLoadConfig", the_model).at("result") == json::parse(R"({"fields":[
        {"key":"llm.load.contextLength","value":8192},
        {"key":"llm.load.numParallelSessions","value":4},
        {"key":"llm.load.useUnifiedKvCache","value":true},
        {"key":"llm.load.offloadKVCacheToGpu","value":true},
        {"key":"llm.load.llama.acceleration.offloadRatio","value":1},
        {"key":"llm.load.llama.evalBatchSize","value":512},
        {"key":"llm.load.llama.flashAttention","value":true}]})"));
    CHECK(c.call("getInstanceProcessingState", the_model).at("result") ==
          json::parse(R"({"status":"idle","queued":0})"));
    CHECK(c.call("getLoadConfig", R"({"specifier":{"type":"instanceReference",
        "instanceReference":"other"}})")
              .at("type")
              .as_string() == "rpcError");
    CHECK(c.call("predictTheFuture", the_model).at("type").as_string() == "rpcError");
    CHECK(c.call("unloadModel", R"({"identifier":"qwen/qwen3-4b"})") ==
          json::parse(R"({"type":"rpcResult","callId":1})"));
    CHECK(c.call("unloadModel", R"({"identifier":"qwen/qwen3-4b"})").at("type").as_string() ==
          "rpcError");
    CHECK(c.call("listLoaded").at("result").as_array().empty());
    client other{s, "/system"};
    CHECK(other.call("version").at("result").at("version").is_string());
}

TEST_CASE("sim sdk: a load tells its progress, and its settings are in force") {
    server s{{.cold = true, .load_seconds = 2}, at(0s)};
    client c{s};
    const json::value resolved =
        c.ask(load("qwen/qwen3-4b", R"({"key":"llm.load.numParallelSessions","value":9},
                                       {"key":"llm.load.useUnifiedKvCache","value":false})"));
    CHECK(resolved.at("message").at("type").as_string() == "resolved");
    std::vector<nanoseconds> times;
    while (const auto due = s.next_due()) {
        times.push_back(*due - at(0s));
        s.advance(*due);
    }
    CHECK(times == std::vector<nanoseconds>{0s, 500ms, 1s, 1500ms, 2s});
    REQUIRE(c.out.texts.size() == 7);
    CHECK(c.out.texts.at(1).at("message") == json::parse(R"({"type":"progress","progress":0.25})"));
    CHECK(c.out.texts.at(5).at("message").at("info").at("identifier").as_string() == "mine");
    CHECK(c.out.texts.at(6) == json::parse(R"({"type":"channelClose","channelId":3})"));
    const auto& engine = s.all_models().find_instance("mine")->runs.settings();
    CHECK(engine.parallel == 9);
    CHECK(!engine.unified_kv);
}

TEST_CASE("sim sdk: a load is refused, cancelled, or ends with its client") {
    server s{{.cold = true, .load_seconds = 2}, at(0s)};
    {
        client c{s};
        CHECK(c.ask(load("no/such", "")).at("error").at("title").as_string() ==
              "Cannot find model");
        for (const char* bad : {R"({"key":"llm.load.numParallelSessions","value":0})",
                                R"({"key":"llm.load.numParallelSessions","value":1024})",
                                R"({"key":"llm.load.useUnifiedKvCache","value":"on"})"}) {
            CAPTURE(bad);
            CHECK(c.ask(load("qwen/qwen3-4b", bad)).at("type").as_string() == "channelError");
        }
        c.ask(load("qwen/qwen3-4b", ""));
        CHECK(c.ask(R"({"type":"channelSend","channelId":3,"message":{"type":"cancel"}})")
                  .at("type")
                  .as_string() == "channelError");
        CHECK(s.all_models().instances().empty());
        c.ask(load("qwen/qwen3-4b", ""));
        CHECK(s.all_models().instances().size() == 1);
    }
    CHECK(s.all_models().instances().empty());
    CHECK(!s.next_due());
}

TEST_CASE("sim sdk: a time to live, a GPU's share, and what a load would take") {
    server s{{.cold = true, .load_seconds = 0}, at(0s)};
    client c{s};
    const std::string stack = R"("loadConfigStack":{"layers":[{"layerName":"apiOverride","config":
        {"fields":[{"key":"llm.load.llama.acceleration.offloadRatio","value":0.5},
                   {"key":"llm.load.contextLength","value":1024}]}}]})";
    c.session.take(R"({"type":"channelCreate","endpoint":"loadModel","channelId":3,
        "creationParameter":{"modelKey":"qwen/qwen3-4b","ttlMs":5000,)" +
                       stack + "}}",
                   at(1s));
    s.advance(at(1s));
    CHECK(s.all_models().find_instance("qwen/qwen3-4b")->set.gpu == 0.5);
    const json::value info = c.call("getModelInfo", the_model);
    CHECK(info.at("result").at("ttlMs").to_number<int>() == 5000);
    // Nobody asks it anything: it goes, and not before.
    CHECK(s.next_due() == at(6s));
    s.advance(at(5999ms));
    CHECK(s.all_models().find_instance("qwen/qwen3-4b") != nullptr);
    s.advance(at(6s));
    CHECK(s.all_models().instances().empty());
    const json::value usage =
        c.call("estimateModelUsage", R"({"modelKey":"qwen/qwen3-4b",)" + stack + "}").at("result");
    CHECK(usage.at("memory").at("modelVramBytes").to_number<double>() * 2 ==
          doctest::Approx(usage.at("memory").at("modelBytes").to_number<double>()));
    CHECK(usage.at("memory").at("contextBytes").to_number<int>() == 1024 * 131072);
    CHECK(usage.at("passesGuardrails").as_bool());
    CHECK(s.all_models().instances().empty());
    CHECK(c.call("estimateModelUsage", R"({"modelKey":"no/such"})").at("type").as_string() ==
          "rpcError");
}

TEST_CASE("sim sdk: a prediction is cancelled by its client, or goes with it") {
    server s{{}, at(0s)};
    const std::string predict = R"({"type":"channelCreate","endpoint":"predict","channelId":7,
        "creationParameter":{"modelSpecifier":{"type":"query","query":{}},
        "history":{"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]},
        "predictionConfigStack":{"layers":[]}}})";
    {
        client c{s};
        c.session.take(predict, at(0s));
        while (c.out.texts.size() < 6) s.advance(*s.next_due());
        CHECK(c.call("getInstanceProcessingState", the_model).at("result") ==
              json::parse(R"({"status":"generating","queued":1})"));
        c.session.take(R"({"type":"channelSend","channelId":7,"message":{"type":"cancel"}})",
                       at(1s));
        REQUIRE(c.out.texts.size() == 2);
        const json::value& end = c.out.texts.at(0).at("message");
        CHECK(end.at("stats").at("stopReason").as_string() == "userStopped");
        CHECK(end.at("stats").at("predictedTokensCount").to_number<int>() == 4);
        CHECK(c.out.texts.at(1) == json::parse(R"({"type":"channelClose","channelId":7})"));
        c.session.take(predict, at(1s));
    }
    CHECK(s.active() == 0);
}

namespace {

std::string predict(const std::string& fields, const std::string& messages = "",
                    const std::string& model = "qwen/qwen3-4b") {
    const std::string said =
        messages.empty() ? R"({"role":"user","content":[{"type":"text","text":"Hi"}]})" : messages;
    return R"({"type":"channelCreate","endpoint":"predict","channelId":4,"creationParameter":{)"
           R"("modelSpecifier":{"type":"query","query":{"identifier":")" +
           model + R"("}},"history":{"messages":[)" + said +
           R"(]},"predictionConfigStack":{"layers":[{"layerName":"apiOverride","config":)"
           R"({"fields":[)" +
           fields + "]}}]}}}";
}

std::string field(const std::string& key, const std::string& value) {
    return R"({"key":"llm.prediction.)" + key + R"(","value":)" + value + '}';
}

/// All that comes of a prediction.
std::vector<json::value> answer_of(server& s, client& c, const std::string& request) {
    c.session.take(request, at(0s));
    while (const auto due = s.next_due()) s.advance(*due);
    return std::exchange(c.out.texts, {});
}

std::string types_of(const std::vector<json::value>& texts) {
    std::string out;
    for (const json::value& t : texts) {
        const json::value* message = t.as_object().if_contains("message");
        out += (message != nullptr ? message->at("type") : t.at("type")).as_string().c_str();
        out += ' ';
    }
    return out;
}

const json::value& success_of(const std::vector<json::value>& texts) {
    return texts.at(texts.size() - 2).at("message");
}

}  // namespace

TEST_CASE("sim sdk: a tool that is forced is called, in the SDK's own messages") {
    server s{{}, at(0s)};
    client c{s};
    const std::string tools = field(
        "tools", R"({"type":"toolArray","tools":[{"type":"function","function":{"name":"find",)"
                 R"("parameters":{"type":"object","properties":{"n":{"type":"integer"}}}}}]})");
    const auto texts = answer_of(
        s, c,
        predict(tools + ',' + field("toolChoice", R"({"type":"generic","mode":"required"})")));
    CHECK(types_of(texts) ==
          "promptProcessingProgress promptProcessingProgress toolCallGenerationStart "
          "toolCallGenerationNameReceived toolCallGenerationArgumentFragmentGenerated "
          "toolCallGenerationArgumentFragmentGenerated toolCallGenerationEnd success "
          "channelClose ");
    std::string arguments;
    for (const json::value& t : texts) {
        const json::object* m =
            t.as_object().contains("message") ? &t.at("message").as_object() : nullptr;
        if (m != nullptr && m->contains("content")) arguments += m->at("content").as_string();
    }
    CHECK(arguments == R"({"n":42})");
    CHECK(success_of(texts).at("stats").at("stopReason").as_string() == "toolCalls");
    const json::value& call = texts.at(texts.size() - 3).at("message").at("toolCallRequest");
    CHECK(call.at("name").as_string() == "find");
    CHECK(call.at("arguments") == json::parse(R"({"n":42})"));
}

TEST_CASE("sim sdk: documents, reasoning and a draft model, as the config asks") {
    server s{{}, at(0s)};
    client c{s};
    const auto all = [&](const std::string& fields) {
        std::string text;
        std::string reasoning;
        for (const json::value& t : answer_of(s, c, predict(fields))) {
            const json::object* m =
                t.as_object().contains("message") ? &t.at("message").as_object() : nullptr;
            if (m == nullptr || !m->contains("fragment")) continue;
            const json::value& f = m->at("fragment");
            (f.at("reasoningType").as_string() == "none" ? text : reasoning) +=
                f.at("content").as_string();
        }
        return reasoning + '|' + text;
    };
    CHECK(all(field("structured", R"({"type":"json","jsonSchema":{"type":"object","properties":{)"
                                  R"("n":{"type":"integer"}}}})")) == R"(|{"n":42})");
    const std::string four = field("maxPredictedTokens", R"({"checked":true,"value":4})");
    CHECK(all(four) == "|Here is a server that");
    CHECK(all(four + ',' + field("reasoning.enableThinking", "true")) == "Here is a|Here is a");
    const auto texts = answer_of(
        s, c, predict(four + ',' + field("speculativeDecoding.draftModel", R"("small")")));
    CHECK(success_of(texts).at("stats").at("acceptedDraftTokensCount") == 3);
    CHECK(success_of(texts).at("stats").at("usedDraftModelKey").as_string() == "small");
}

TEST_CASE("sim sdk: what makes no sense in a config is refused by its key") {
    server s{{}, at(0s)};
    client c{s};
    for (const auto& [key, value] :
         {std::pair{"temperature", R"("hot")"}, std::pair{"topPSampling", "0.9"},
          std::pair{"stopStrings", R"("x")"},
          std::pair{"maxPredictedTokens", R"({"checked":true,"value":0})"}}) {
        CAPTURE(std::string{key});
        const auto texts = answer_of(s, c, predict(field(key, value)));
        REQUIRE(texts.size() == 1);
        CHECK(texts[0].at("error").at("title").as_string() == "Invalid prediction config");
        CHECK(texts[0].at("error").at("cause").as_string() == std::string{"llm.prediction."} + key);
    }
}

TEST_CASE("sim sdk: an image is sent before, and is there as long as its client") {
    server s{{.model = "google/gemma-3-4b"}, at(0s)};
    client c{s};
    std::string identifier;
    const auto showing = [&] {
        return predict(field("maxPredictedTokens", R"({"checked":true,"value":1})"),
                       R"({"role":"user","content":[{"type":"text","text":"Hi"},)"
                       R"({"type":"file","name":"a.png","identifier":")" +
                           identifier + R"(","sizeBytes":5,"fileType":"image"}]})",
                       "google/gemma-3-4b");
    };
    {
        client files{s, "/files"};
        const json::value sent =
            files.call("uploadFileBase64", R"({"name":"a.png","contentBase64":"iVBORw0="})");
        identifier = sent.at("result").at("identifier").as_string();
        CHECK(sent.at("result").at("fileType").as_string() == "image");
        CHECK(sent.at("result").at("sizeBytes") == 5);
        CHECK(files.call("uploadFileBase64", R"({"name":"a","contentBase64":"x"})")
                  .at("type")
                  .as_string() == "rpcError");
        const auto texts = answer_of(s, c, showing());
        CHECK(success_of(texts).at("stats").at("promptTokensCount") == 1 + 256 + 8);
    }
    const auto gone = answer_of(s, c, showing());
    CHECK(gone.at(0).at("error").at("title").as_string() == "Cannot find file");
    server blind{{}, at(0s)};
    client other{blind};
    const auto refused = answer_of(blind, other,
                                   predict("", R"({"role":"user","content":[)"
                                               R"({"type":"file","identifier":"x"}]})"));
    CHECK(refused.at(0).at("error").at("title").as_string() ==
          "Model does not support images. Please use a model that does.");
}

TEST_CASE("sim sdk: a turn finds what was said before it in the cache") {
    server s{{}, at(0s)};
    client c{s};
    const std::string four = field("maxPredictedTokens", R"({"checked":true,"value":4})");
    const auto message = [](const char* role, const char* text) {
        return std::string{R"({"role":")"} + role + R"(","content":[{"type":"text","text":")" +
               text + R"("}]})";
    };
    const std::string first = message("user", "Hello over there");
    answer_of(s, c, predict(four, first));
    const auto texts =
        answer_of(s, c,
                  predict(four, first + ',' + message("assistant", "Here is a server that") + ',' +
                                    message("user", "So?")));
    const json::value& details = texts.at(0).at("message").at("details");
    CHECK(details.at("cachedTokenCount") == (16 + 21) / 4 + 8);
    CHECK(texts.at(0).at("message").at("progress") == 0);
}

TEST_CASE("sim sdk: faults in place of an answer, and one that takes the model away") {
    const auto error_of = [](lmstress::sim::fault kind) {
        server s{{.faults = {{kind, 1}}}, at(0s)};
        client c{s};
        const auto texts = answer_of(s, c, predict(""));
        return texts.back().at("error");
    };
    using lmstress::sim::fault;
    CHECK(error_of(fault::status_404).at("displayData").at("code").as_string() ==
          "generic.noModelMatchingQuery");
    CHECK(error_of(fault::status_500).at("title").as_string() ==
          "Engine protocol predict request failed: fetch failed");
    for (const fault kind : {fault::ok_with_error, fault::error_mid}) {
        CHECK(error_of(kind).at("displayData").at("code").as_string() ==
              "generic.specificModelUnloaded");
    }
    server s{{.faults = {{fault::reset_before, 1}}}, at(0s)};
    client c{s};
    c.session.take(predict(""), at(0s));
    CHECK(c.out.reset);
    CHECK(c.out.texts.empty());
}

namespace {

std::string get_or_load(const std::string& model, const std::string& more = "") {
    return R"({"type":"channelCreate","endpoint":"getOrLoad","channelId":5,"creationParameter":)"
           R"({"identifier":")" +
           model + R"(","loadConfigStack":{"layers":[]})" + more + "}}";
}

}  // namespace

TEST_CASE("sim sdk: a model by its key is there already, or is loaded as for a request") {
    server s{{.load_seconds = 2}, at(0s)};
    client c{s};
    c.session.take(get_or_load("qwen/qwen3-4b"), at(0s));
    CHECK(types_of(std::exchange(c.out.texts, {})) == "alreadyLoaded channelClose ");
    c.session.take(get_or_load("google/gemma-3-1b"), at(0s));
    while (c.out.texts.size() < 8) s.advance(*s.next_due());
    CHECK(types_of(c.out.texts) ==
          "startLoading loadProgress loadProgress loadProgress loadProgress loadProgress "
          "loadSuccess channelClose ");
    CHECK(c.out.texts[6].at("message").at("info").at("ttlMs").to_number<int>() == 3'600'000);
    c.out.texts.clear();
    // The next one that comes so goes into the place of that one, and of no other.
    c.session.take(get_or_load("openai/gpt-oss-20b", R"(,"loadTtlMs":5000)"), at(3s));
    CHECK(types_of(c.out.texts) == "unloadingOtherJITModel startLoading ");
    CHECK(c.out.texts[0].at("message").at("info").at("identifier").as_string() ==
          "google/gemma-3-1b");
    s.advance(at(5s));
    REQUIRE(s.all_models().instances().size() == 2);
    CHECK(s.all_models().find_instance("openai/gpt-oss-20b")->set.ttl == 5s);
    CHECK(s.all_models().find_instance("qwen/qwen3-4b") != nullptr);
    c.out.texts.clear();
    CHECK(c.ask(get_or_load("no/such")).at("type").as_string() == "channelError");
    c.session.take(get_or_load("google/gemma-3-1b"), at(5s));
    c.out.texts.clear();
    CHECK(c.ask(R"({"type":"channelSend","channelId":5,"message":{"type":"cancel"}})")
              .at("type")
              .as_string() == "channelError");
    CHECK(s.all_models().find_instance("google/gemma-3-1b") == nullptr);
}

TEST_CASE("sim sdk: a namespace has models of its own kind alone") {
    server s{{.load_seconds = 0}, at(0s)};
    client llm{s};
    client embedding{s, "/embedding"};
    const std::string nomic = "text-embedding-nomic-embed-text-v1.5";
    CHECK(llm.ask(get_or_load(nomic)).at("type").as_string() == "channelError");
    CHECK(embedding.ask(get_or_load("qwen/qwen3-4b")).at("type").as_string() == "channelError");
    embedding.session.take(get_or_load(nomic), at(0s));
    while (embedding.out.texts.size() < 8) s.advance(*s.next_due());
    embedding.out.texts.clear();
    CHECK(llm.call("listLoaded").at("result").as_array().size() == 1);
    const json::value listed = embedding.call("listLoaded").at("result");
    REQUIRE(listed.as_array().size() == 1);
    CHECK(listed.at(0).at("type").as_string() == "embedding");
    const std::string which =
        R"({"type":"query","query":{"identifier":")" + nomic + R"("}},"inputString":"sea"})";
    const json::value config = embedding.call("getLoadConfig", R"({"specifier":)" + which);
    CHECK(config.at("result") ==
          json::parse(R"({"fields":[{"key":"embedding.load.contextLength","value":2048}]})"));
    const json::value vector = embedding.call("embedString", R"({"modelSpecifier":)" + which);
    CHECK(vector.at("result").at("embedding").as_array().size() == 8);
    CHECK(llm.call("getLoadConfig", R"({"specifier":)" + which).at("type").as_string() ==
          "rpcError");
    CHECK(llm.call("getModelInfo", R"({"throwIfNotFound":false,"specifier":)" + which) ==
          json::parse(R"({"type":"rpcResult","callId":1})"));
}

TEST_CASE("sim sdk: tokens are as many as the server counts, and the same for the same text") {
    server s{{.characters_per_token = 2.5}, at(0s)};
    client c{s};
    const auto asked = [&](const std::string& endpoint, const std::string& text) {
        return c
            .call(endpoint,
                  R"({"specifier":{"type":"query","query":{}},"inputString":")" + text + "\"}")
            .at("result");
    };
    const json::array tokens = asked("tokenize", "one two one two").at("tokens").as_array();
    CHECK(tokens.size() == 6);
    CHECK(asked("countTokens", "one two one two").at("tokenCount") == 6);
    CHECK(asked("countTokens", "").at("tokenCount") == 0);
    CHECK(asked("tokenize", "one two one two").at("tokens") == json::value(tokens));
    CHECK(asked("tokenize", "one two one twO").at("tokens").at(5) != tokens[5]);
    CHECK(asked("tokenize", "one two one twO").at("tokens").at(0) == tokens[0]);
}

TEST_CASE("sim sdk: a raw text is gone on with, without a template around it") {
    server s{{}, at(0s)};
    client c{s};
    const auto texts = answer_of(
        s, c,
        R"({"type":"channelCreate","endpoint":"completeRawText","channelId":4,"creationParameter":{)"
        R"("modelSpecifier":{"type":"query","query":{}},"rawPrompt":"Once upon",)"
        R"("predictionConfigStack":{"layers":[{"layerName":"apiOverride","config":{"fields":[)" +
            field("maxPredictedTokens", R"({"checked":true,"value":2})") + "]}}]}}}");
    CHECK(success_of(texts).at("stats").at("promptTokensCount") == 3);
    CHECK(success_of(texts).at("stats").at("predictedTokensCount") == 2);
}
