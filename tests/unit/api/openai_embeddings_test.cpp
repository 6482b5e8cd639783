#include "api/api.hpp"
#include "support/answers.hpp"
#include "support/collecting_sink.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using lines = std::vector<std::string>;
using test::http_answer;

namespace {

lines read(std::string_view text) {
    return test::decode("openai-embeddings", text);
}

/// As LM Studio answers: no counts.
const std::string lm_studio =
    R"({"object":"list","data":[{"object":"embedding","embedding":[-0.012,0.25],"index":0}],)"
    R"("model":"text-embedding-nomic-embed-text-v1.5","usage":{"prompt_tokens":0,)"
    R"("total_tokens":0}})";
const lines lm_studio_events = {"opened by 'text-embedding-nomic-embed-text-v1.5'",
                                "vectors 1 of 2", "end"};

}  // namespace

TEST_CASE("openai_embeddings: LM Studio's answer, cut anywhere; its zero is no count") {
    CHECK(read(lm_studio) == lm_studio_events);
    CHECK(test::read_every_split("openai-embeddings", http_answer(200, "application/json",
                                                                  lm_studio)) == lm_studio_events);
}

TEST_CASE("openai_embeddings: several vectors, as numbers or base64, and a count") {
    CHECK(read(R"({"data":[{"embedding":[1]},{"embedding":"AACAPw=="},{"embedding":[]},7],)"
               R"("usage":{"prompt_tokens":12}})") ==
          lines{"opened by ''", "vectors 2 of 1", "usage input=12", "end"});
}

TEST_CASE("openai_embeddings: vectors of several sizes in one answer are no answer") {
    CHECK(read(R"({"data":[{"embedding":[1,2]},{"embedding":[1,2]},{"embedding":[3]}]})") ==
          lines{"opened by ''", "failure bad_frame: the answer has vectors of 2 and of 1 numbers",
                "end"});
    // Three numbers are 12 bytes: 16 digits without padding; one is 4 bytes.
    CHECK(read(R"({"data":[{"embedding":"AAAAAAAAAAAAAAAA"},{"embedding":[1,2,3]}]})") ==
          lines{"opened by ''", "vectors 2 of 3", "end"});
}

TEST_CASE("openai_embeddings: several texts are a list") {
    const std::vector<std::string> further = {"b", "c \"d\""};
    CHECK(lmstress::api::openai_embeddings_body(
              {.model = "m", .prompt = "a", .further_inputs = further}) ==
          R"({"model":"m","input":["a","b","c \"d\""]})");
}

TEST_CASE("openai_embeddings: an answer without a vector is whole, and says nothing of one") {
    CHECK(read(R"({"data":[],"model":"m"})") == lines{"opened by 'm'", "end"});
}

TEST_CASE("openai_embeddings: errors, with any status") {
    const auto refused = [](int status, const std::string& content) {
        return test::read_answer("openai-embeddings",
                                 {http_answer(status, "application/json", content)});
    };
    CHECK(refused(200, "{\"error\":\"Unexpected endpoint or method. (POST /v1/embeddings)\"}") ==
          lines{"failure bad_request: Unexpected endpoint or method. (POST /v1/embeddings)"});
    CHECK(refused(200, R"({"error":{"message":"Model unloaded."}})") ==
          lines{"failure model_unloaded: Model unloaded."});
    CHECK(refused(404, R"({"error":{"message":"no","code":"model_not_found"}})") ==
          lines{"failure model_not_found: no"});
    CHECK(refused(401, "") == lines{"failure unauthorized: an empty body"});
}

TEST_CASE("openai_embeddings: what is no answer of this API") {
    CHECK(read("<html>") == lines{"failure bad_frame: <html>"});
    CHECK(read("{}") == lines{"failure bad_frame: {}"});
    CHECK(read(R"({"data":{}})") == lines{R"(failure bad_frame: {"data":{}})"});
    CHECK(test::read_answer("openai-embeddings", {http_answer(200, "application/json", "")}) ==
          lines{"failure truncated: an empty body"});
    CHECK(lmstress::api::make_openai_embeddings_decoder()->error_is_final());
}

TEST_CASE("openai_embeddings: a body that breaks off is truncated") {
    const std::string bytes = http_answer(200, "application/json", lm_studio);
    for (std::size_t n = 1; n < bytes.size(); n += 3) {
        CHECK(test::read_answer("openai-embeddings", {std::string_view{bytes}.substr(0, n)},
                                test::connection::closes) ==
              lines{"failure truncated: the connection ended within the answer"});
    }
}

TEST_CASE("openai_embeddings: the request body is model and input") {
    CHECK(lmstress::api::openai_embeddings_body({.model = "m",
                                                 .prompt = "p \"q\"",
                                                 .system_prompt = "s",
                                                 .max_tokens = 9,
                                                 .seed = 1}) ==
          R"({"model":"m","input":"p \"q\""})");
}
