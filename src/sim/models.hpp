#pragma once

#include "sim/engine.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::sim {

/// A model that the server has on its disk.
struct model_entry {
    std::string key;
    std::string display_name;
    std::string publisher;
    std::uint64_t max_context_length = 131072;
    std::string architecture = "built-in";
    std::string quantization = "Q4_K_M";
    std::string params = "4B";
    std::uint64_t size_bytes = 2'279'145'003;
    bool embedding = false;
    bool vision = false;
    bool tool_use = false;
    bool reasoning = false;
    std::uint64_t experts = 0;  ///< that each token asks; 0: the model has none
};

/// What the built-in server has on its disk beside the model that is in memory at the start.
[[nodiscard]] std::vector<model_entry> shelf(std::string_view key);

/// The settings of a load that change nothing of the engine's arithmetic.
struct instance_settings {
    bool flash_attention = true;
    bool offload_kv_cache = true;
    std::uint64_t experts = 0;
    double gpu = 1;                       ///< of its layers that the GPU holds
    std::optional<nanoseconds> ttl = {};  ///< it is unloaded after so long without a request
    bool jit = false;                     ///< it was loaded for a request that named it
};

/// A model in memory, or on its way there.
struct instance {
    std::string id;
    std::string key;
    engine runs;
    instant ready_at{};
    double load_seconds = 0;
    instance_settings set = {};
    instant last_used{};  ///< the last time at which a request of it began or ended

    /// When it is unloaded, where nothing is asked of it until then.
    [[nodiscard]] std::optional<instant> evicted_at() const;
};

/// What an instance takes in memory: made up, but in proportion.
struct memory_need {
    std::uint64_t model_bytes = 0;
    std::uint64_t context_bytes = 0;
    std::uint64_t model_vram_bytes = 0;
    std::uint64_t context_vram_bytes = 0;
};
[[nodiscard]] memory_need memory_of(const model_entry& m, const engine_settings& s,
                                    const instance_settings& set);

/// What the server has on disk and in memory.
class models {
  public:
    explicit models(std::vector<model_entry> on_disk) : on_disk_(std::move(on_disk)) {}

    [[nodiscard]] const std::vector<model_entry>& on_disk() const noexcept { return on_disk_; }
    [[nodiscard]] const std::vector<instance>& instances() const noexcept { return instances_; }
    [[nodiscard]] std::vector<instance>& instances() noexcept { return instances_; }

    /// By its key, whatever the case of its letters.
    [[nodiscard]] const model_entry* find(std::string_view key) const;
    [[nodiscard]] instance* find_instance(std::string_view id);
    [[nodiscard]] const instance* find_instance(std::string_view id) const;
    /// The instance that answers for `key`: the first that is in memory at `now`.
    [[nodiscard]] instance* ready_instance(std::string_view key, instant now);
    /// One that somebody has asked to be loaded, and that is not there yet.
    [[nodiscard]] instance* awaited_instance(std::string_view key);
    /// Begins to load a further instance. Its id is `name`, or else the key, with ":2" and so on
    /// where that is taken.
    instance& load(const model_entry& model, const engine_settings& s, instant ready_at,
                   double load_seconds, const std::string& name = {});
    void unload(std::string_view id);
    void add(model_entry model) { on_disk_.push_back(std::move(model)); }

  private:
    std::vector<model_entry> on_disk_;
    std::vector<instance> instances_;
};

}  // namespace lmstress::sim
