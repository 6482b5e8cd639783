#include "server/catalog.hpp"

#include "server/model_control.hpp"
#include "server/model_list.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace lmstress::server;
namespace json = boost::json;

namespace {

http_answer answer(std::string body, int status = 200) {
    http_answer a;
    a.complete = true;
    a.head.status = status;
    a.body = std::move(body);
    return a;
}

json::object object(const char* text) {
    return json::parse(text).as_object();
}

// As LM Studio 0.4.25 sends them, shortened.
const char* const native = R"({"models":[
 {"type":"llm","publisher":"google","key":"google/gemma-4-e4b","display_name":"Gemma 4 E4B",
  "architecture":"gemma4","quantization":{"name":"4bit","bits_per_weight":4},
  "size_bytes":6861915950,"params_string":"4B","loaded_instances":[
   {"id":"google/gemma-4-e4b","config":{"context_length":8192,"parallel":4}},
   {"id":"google/gemma-4-e4b:2","config":{"context_length":4096,"parallel":1}}],
  "max_context_length":131072,"format":"mlx","capabilities":{"vision":true,
   "trained_for_tool_use":true,"reasoning":{"allowed_options":["off","on"],"default":"on"}},
  "description":null,"variants":["google/gemma-4-e4b@4bit"],
  "selected_variant":"google/gemma-4-e4b@4bit"},
 {"type":"embedding","publisher":"nomic-ai","key":"nomic","quantization":null,
  "size_bytes":84106624,"params_string":null,"loaded_instances":[],"max_context_length":2048,
  "format":"gguf"},
 "no entry"]})";

}  // namespace

TEST_CASE("catalog: an entry of REST v1, and one of which less is told") {
    const auto models = native_catalog(answer(native));
    REQUIRE(models);
    REQUIRE(models->size() == 2);
    const catalog_entry& m = models->front();
    CHECK(m.key == "google/gemma-4-e4b");
    CHECK(m.quantization == "4bit");
    CHECK(m.vision == true);
    CHECK(m.tool_use == true);
    CHECK(m.reasoning == std::vector<std::string>{"off", "on"});
    CHECK(m.reasoning_default == "on");
    CHECK(m.selected_variant == "google/gemma-4-e4b@4bit");
    REQUIRE(m.instances.size() == 2);
    CHECK(m.instances[1].config.at("parallel").to_number<int>() == 1);
    const catalog_entry& embedding = models->back();
    CHECK(embedding.type == "embedding");
    CHECK_FALSE(embedding.vision);
    CHECK(embedding.quantization.empty());
    // For a run: it sees the settings of the first instance, and which one only embeds.
    const auto listed = native_models(answer(native));
    REQUIRE(listed->size() == 2);
    CHECK(listed->front().parallel == 4);
    CHECK(listed->front().instances.size() == 2);
    CHECK_FALSE(listed->front().embeds);
    CHECK(listed->back().embeds);
}

TEST_CASE("catalog: REST v0 tells the kind in the type, and tool use in a list") {
    const auto models = v0_catalog(answer(R"({"object":"list","data":[
      {"id":"qwen2-vl","object":"model","type":"vlm","publisher":"mlx","arch":"qwen2_vl",
       "compatibility_type":"mlx","quantization":"4bit","state":"loaded",
       "max_context_length":32768,"loaded_context_length":4096,"capabilities":["tool_use"]},
      {"id":"e5","type":"embeddings","state":"not-loaded"},
      {"id":"llama","type":"llm","state":"not-loaded"}]})"));
    REQUIRE(models);
    REQUIRE(models->size() == 3);
    CHECK(models->at(0).type == "llm");
    CHECK(models->at(0).vision == true);
    CHECK(models->at(0).tool_use == true);
    REQUIRE(models->at(0).instances.size() == 1);
    CHECK(models->at(0).instances[0].config.at("context_length").to_number<int>() == 4096);
    CHECK(models->at(1).type == "embedding");
    CHECK(models->at(2).vision == false);
    CHECK_FALSE(models->at(2).tool_use);  // not told is not no
    CHECK(v0_entry(answer(R"({"id":"llama","type":"llm"})"))->key == "llama");
    CHECK_FALSE(v0_entry(answer(R"({"error":"Model not found"})")));
}

TEST_CASE("catalog: what is no list is none, whatever its status") {
    for (const char* body : {"", "[]", "{}", R"({"models":{}})", R"({"error":"Unexpected"})"}) {
        CHECK_FALSE(native_catalog(answer(body)));
    }
    CHECK_FALSE(native_catalog(answer(native, 500)));
}

TEST_CASE("catalog: a model goes by its key, a variant or an instance, in any case") {
    const auto models = native_catalog(answer(native));
    for (const char* name : {"google/gemma-4-e4b", "Google/Gemma-4-E4B", "google/gemma-4-e4b:2",
                             "google/gemma-4-e4b@4bit"}) {
        CHECK(find_entry(*models, name) == &models->front());
    }
    CHECK(find_entry(*models, "gemma") == nullptr);
}

TEST_CASE("catalog: settings are compared by value, and one that is not told is no difference") {
    const auto in_force =
        object(R"({"parallel":4,"flash_attention":true,"context_length":8192.0})");
    CHECK(
        differences(object(R"({"context_length":8192,"flash_attention":true})"), in_force).empty());
    const auto asked = object(R"({"parallel":8,"flash_attention":false,"num_experts":2})");
    CHECK(differences(asked, in_force) ==
          std::vector<std::string>{"parallel is 4, not 8", "flash_attention is true, not false"});
    CHECK(untold(asked, in_force) == std::vector<std::string>{"num_experts"});
    CHECK(untold(object(R"({"parallel":8})"), in_force).empty());
    // As LM Studio says it of a share.
    CHECK(differences(object(R"({"gpu":1})"), object(R"({"gpu":"max"})")).empty());
    CHECK(differences(object(R"({"gpu":"off"})"), object(R"({"gpu":0})")).empty());
    CHECK_FALSE(differences(object(R"({"gpu":0.5})"), object(R"({"gpu":"max"})")).empty());
}

TEST_CASE("catalog: a key in a path") {
    CHECK(path_part("google/gemma-3_1b.x") == "google%2Fgemma-3_1b.x");
    CHECK(path_part("a b%") == "a%20b%25");
}

TEST_CASE("download job: as it begins, as it goes on, and what is none") {
    const auto begun = job_in(
        answer(R"({"job_id":"job_493c7c9ded","status":"downloading","total_size_bytes":2279145003,)"
               R"("started_at":"2025-10-03T15:33:23.496Z"})"));
    REQUIRE(begun);
    CHECK(begun->id == "job_493c7c9ded");
    CHECK(begun->total_bytes == 2279145003);
    CHECK_FALSE(begun->done_bytes);
    const auto there = job_in(answer(R"({"status":"already_downloaded"})"));
    REQUIRE(there);
    CHECK(there->status == "already_downloaded");
    CHECK_FALSE(job_in(answer(R"({"error":{"type":"job_not_found","message":"x"}})", 404)));
    CHECK_FALSE(job_in(answer(R"({"error":"Unexpected endpoint or method."})")));
}
