#include "server/sdk_config.hpp"

#include "server/sdk_load.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

namespace json = boost::json;
using namespace lmstress::server;

TEST_CASE("sdk config: settings by our names become fields, and come back as they were") {
    const json::object asked = json::parse(R"({"parallel":3,"unified_kv":false,"gpu":0.25,
        "context_length":4096,"flash_attention":true,"eval_batch_size":64,"num_experts":2,
        "offload_kv_cache_to_gpu":false})")
                                   .as_object();
    const json::array fields = fields_of(asked);
    CHECK(fields.size() == asked.size());
    json::object config;
    config["fields"] = fields;
    CHECK(settings_in(config) == asked);
    CHECK(json::value(load_config_stack(fields)).at("layers").at(0).at("config") == config);
}

TEST_CASE("sdk config: an embedding model has keys of its own, by the same names") {
    const json::object asked =
        json::parse(R"({"context_length":512,"gpu":0.5,"eval_batch_size":64})").as_object();
    const json::array fields = fields_of(asked, model_kind::embedding);
    CHECK(fields.at(0).at("key").as_string() == "embedding.load.contextLength");
    json::object config;
    config["fields"] = fields;
    CHECK(settings_in(config) == asked);
    CHECK(settings_in(json::parse(R"({"fields":[{"key":"other.contextLength","value":5}]})"))
              .empty());
}

TEST_CASE("sdk config: ratios that mean the same are the same, and strange configs hold nothing") {
    CHECK(gpu_ratio(0) == "off");
    CHECK(gpu_ratio(1.0) == "max");
    CHECK(gpu_ratio("max") == "max");
    CHECK(gpu_ratio(0.5) == 0.5);
    for (const char* strange : {"null", "[]", "{}", R"({"fields":1})", R"({"fields":[1,{}]})",
                                R"({"fields":[{"key":"llm.load.contextLength"}]})"}) {
        CHECK(settings_in(json::parse(strange)).empty());
    }
}

TEST_CASE("sdk estimate: all of its numbers, or none") {
    const auto e = read_estimate(json::parse(R"({"memory":{"confidence":"low","modelVramBytes":1,
        "contextVramBytes":2,"totalVramBytes":3,"modelBytes":4,"contextBytes":5.0,"totalBytes":9},
        "passesGuardrails":false})"));
    REQUIRE(e);
    CHECK(e->model_vram_bytes == 1);
    CHECK(e->context_bytes == 5);
    CHECK(e->total_bytes == 9);
    CHECK(!e->sure);
    CHECK(!e->fits);
    for (const char* strange : {"null", "{}", R"({"memory":{}})", R"({"passesGuardrails":true})"}) {
        CHECK(!read_estimate(json::parse(strange)));
    }
}
