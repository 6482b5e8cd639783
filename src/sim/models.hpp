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
    std::string type = "llm";  ///< or "embedding"
};

/// A model in memory, or on its way there.
struct instance {
    std::string id;
    std::string key;
    engine runs;
    instant ready_at{};
    double load_seconds = 0;
};

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
    /// The instance that answers for `key`: the first that is in memory at `now`.
    [[nodiscard]] instance* ready_instance(std::string_view key, instant now);
    /// Begins to load a further instance. Its id is the key, or "key:2" and so on where that is
    /// taken.
    instance& load(const model_entry& model, const engine_settings& s, instant ready_at,
                   double load_seconds);
    void unload(std::string_view id);

  private:
    std::vector<model_entry> on_disk_;
    std::vector<instance> instances_;
};

}  // namespace lmstress::sim
