#include "sim/models.hpp"

#include "wire/letters.hpp"

#include <algorithm>

namespace lmstress::sim {

std::vector<model_entry> shelf(std::string_view key) {
    std::vector<model_entry> all = {{.key = std::string{key},
                                     .display_name = "Built-in test model",
                                     .publisher = "lmstress",
                                     .tool_use = true},
                                    {.key = "google/gemma-3-1b",
                                     .display_name = "Gemma 3 1B",
                                     .publisher = "google",
                                     .max_context_length = 32768,
                                     .architecture = "gemma3_text",
                                     .quantization = "Q4_0",
                                     .params = "1B",
                                     .size_bytes = 771'933'305},
                                    {.key = "google/gemma-3-4b",
                                     .display_name = "Gemma 3 4B",
                                     .publisher = "google",
                                     .architecture = "gemma3",
                                     .size_bytes = 3'034'755'901,
                                     .vision = true},
                                    {.key = "openai/gpt-oss-20b",
                                     .display_name = "GPT-OSS 20B",
                                     .publisher = "openai",
                                     .architecture = "gpt_oss",
                                     .quantization = "MXFP4",
                                     .params = "20B",
                                     .size_bytes = 12'109'566'560,
                                     .tool_use = true,
                                     .reasoning = true,
                                     .experts = 4},
                                    {.key = "text-embedding-nomic-embed-text-v1.5",
                                     .display_name = "Nomic Embed Text v1.5",
                                     .publisher = "nomic-ai",
                                     .max_context_length = 2048,
                                     .architecture = "nomic-bert",
                                     .size_bytes = 84'106'624,
                                     .embedding = true}};
    // A model of the shelf is that one, with what it can do.
    const auto known = std::find_if(all.begin() + 1, all.end(), [&](const model_entry& m) {
        return wire::same_letters(m.key, key);
    });
    if (known != all.end()) all.erase(all.begin());
    return all;
}

std::optional<instant> instance::evicted_at() const {
    if (!set.ttl || !runs.idle()) return std::nullopt;
    return std::max(ready_at, last_used) + *set.ttl;
}

memory_need memory_of(const model_entry& m, const engine_settings& s,
                      const instance_settings& set) {
    constexpr std::uint64_t bytes_of_a_token = 131'072;
    const std::uint64_t shares = s.unified_kv || s.divide_context ? 1 : s.parallel;
    memory_need n{.model_bytes = m.size_bytes,
                  .context_bytes = s.context_length * shares * bytes_of_a_token};
    n.model_vram_bytes = static_cast<std::uint64_t>(static_cast<double>(m.size_bytes) * set.gpu);
    if (set.offload_kv_cache && set.gpu > 0) n.context_vram_bytes = n.context_bytes;
    return n;
}

const model_entry* models::find(std::string_view key) const {
    for (const model_entry& m : on_disk_) {
        if (wire::same_letters(m.key, key)) return &m;
    }
    return nullptr;
}

instance* models::find_instance(std::string_view id) {
    for (instance& i : instances_) {
        if (i.id == id) return &i;
    }
    return nullptr;
}

const instance* models::find_instance(std::string_view id) const {
    for (const instance& i : instances_) {
        if (i.id == id) return &i;
    }
    return nullptr;
}

instance* models::ready_instance(std::string_view key, instant now) {
    for (instance& i : instances_) {
        if ((wire::same_letters(i.key, key) || i.id == key) && i.ready_at <= now) return &i;
    }
    return nullptr;
}

instance* models::awaited_instance(std::string_view key) {
    for (instance& i : instances_) {
        if ((wire::same_letters(i.key, key) || i.id == key) && !i.set.jit) return &i;
    }
    return nullptr;
}

instance& models::load(const model_entry& model, const engine_settings& s, instant ready_at,
                       double load_seconds, const std::string& name) {
    const std::string base = name.empty() ? model.key : name;
    std::string id = base;
    for (int n = 2; find_instance(id) != nullptr; ++n) id = base + ":" + std::to_string(n);
    instances_.push_back({.id = std::move(id),
                          .key = model.key,
                          .runs = engine{s},
                          .ready_at = ready_at,
                          .load_seconds = load_seconds,
                          .set = {.experts = model.experts}});
    return instances_.back();
}

void models::unload(std::string_view id) {
    std::erase_if(instances_, [&](const instance& i) { return i.id == id; });
}

}  // namespace lmstress::sim
