#include "sim/sdk_texts.hpp"

#include "wire/json_writer.hpp"

#include <chrono>
#include <string_view>

namespace lmstress::sim {

std::string usage_text(const memory_need& n) {
    constexpr std::uint64_t machine = 24ULL << 30U;
    const std::uint64_t total = n.model_bytes + n.context_bytes;
    std::string out;
    wire::json_writer w{out};
    w.begin_object().key("memory").begin_object().field("confidence", "high");
    w.field("modelVramBytes", n.model_vram_bytes).field("contextVramBytes", n.context_vram_bytes);
    w.field("totalVramBytes", n.model_vram_bytes + n.context_vram_bytes);
    w.field("modelBytes", n.model_bytes).field("contextBytes", n.context_bytes);
    w.field("totalBytes", total).end_object();
    w.field("passesGuardrails", total <= machine).end_object();
    return out;
}

std::string model_info(const model_entry& m, const instance* on) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object()
        .field("type", m.embedding ? "embedding" : "llm")
        .field("modelKey", m.key)
        .field("format", "gguf");
    w.field("displayName", m.display_name).field("publisher", m.publisher).field("path", m.key);
    w.field("sizeBytes", m.size_bytes).field("indexedModelIdentifier", m.key);
    w.key("deviceIdentifier").null().field("paramsString", m.params);
    w.field("architecture", m.architecture);
    if (!m.embedding) w.field("vision", m.vision).field("trainedForToolUse", m.tool_use);
    w.field("maxContextLength", m.max_context_length);
    if (on != nullptr) {
        w.field("identifier", on->id).field("instanceReference", on->id);
        w.key("ttlMs");
        if (on->set.ttl) {
            w.value(*on->set.ttl / std::chrono::milliseconds{1});
        } else {
            w.null();
        }
        w.key("lastUsedTime").null();
        w.field("contextLength", on->runs.settings().context_length);
    }
    w.end_object();
    return out;
}

std::string kv_config(const model_entry& m, const instance& on) {
    const engine_settings& s = on.runs.settings();
    std::string out;
    wire::json_writer w{out};
    w.begin_object().key("fields").begin_array();
    const auto field = [&w](std::string_view key, auto value) {
        w.begin_object().field("key", key).field("value", value).end_object();
    };
    if (m.embedding) {
        field("embedding.load.contextLength", s.context_length);
        w.end_array().end_object();
        return out;
    }
    field("llm.load.contextLength", s.context_length);
    field("llm.load.numParallelSessions", s.parallel);
    field("llm.load.useUnifiedKvCache", s.unified_kv);
    if (on.set.experts > 0) field("llm.load.numExperts", on.set.experts);
    field("llm.load.offloadKVCacheToGpu", on.set.offload_kv_cache);
    field("llm.load.llama.acceleration.offloadRatio", on.set.gpu);
    field("llm.load.llama.evalBatchSize", s.prefill_chunk);
    field("llm.load.llama.flashAttention", on.set.flash_attention);
    w.end_array().end_object();
    return out;
}

std::string processing_state(const instance& on) {
    const std::string_view status = on.runs.idle()       ? "idle"
                                    : on.runs.decoding() ? "generating"
                                                         : "processingPrompt";
    std::string out;
    wire::json_writer{out}
        .begin_object()
        .field("status", status)
        .field("queued", on.runs.requests())
        .end_object();
    return out;
}

}  // namespace lmstress::sim
