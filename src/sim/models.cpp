#include "sim/models.hpp"

#include "wire/letters.hpp"

#include <algorithm>

namespace lmstress::sim {
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

instance& models::load(const model_entry& model, const engine_settings& s, instant ready_at,
                       double load_seconds, const std::string& name) {
    const std::string base = name.empty() ? model.key : name;
    std::string id = base;
    for (int n = 2; find_instance(id) != nullptr; ++n) id = base + ":" + std::to_string(n);
    instances_.push_back({.id = std::move(id),
                          .key = model.key,
                          .runs = engine{s},
                          .ready_at = ready_at,
                          .load_seconds = load_seconds});
    return instances_.back();
}

void models::unload(std::string_view id) {
    std::erase_if(instances_, [&](const instance& i) { return i.id == id; });
}

}  // namespace lmstress::sim
