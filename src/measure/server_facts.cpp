#include "lmstress/server_facts.hpp"

#include <fmt/format.h>

namespace lmstress {
namespace {

std::string size_text(std::uint64_t bytes) {
    return fmt::format("{:.4g} GiB", static_cast<double>(bytes) / (1U << 30U));
}

std::string gpu_text(const server_gpu& g) {
    std::string about = g.platform;
    if (g.memory_bytes > 0) about += (about.empty() ? "" : ", ") + size_text(g.memory_bytes);
    return about.empty() ? g.name : g.name + " (" + about + ')';
}

}  // namespace

std::string software_text(const server_facts& f) {
    std::string out = f.software;
    if (!f.version.empty()) out += ' ' + f.version;
    if (!f.build.empty()) out += ", build " + f.build;
    return out;
}

std::string hardware_text(const server_hardware& h) {
    std::string out;
    const auto add = [&](const std::string& text) {
        if (!text.empty()) out += (out.empty() ? "" : ", ") + text;
    };
    add(h.cpu);
    if (h.ram_bytes) add(size_text(*h.ram_bytes) + " RAM");
    for (const server_gpu& g : h.gpus) add(gpu_text(g));
    if (h.gpus.empty()) {
        add("no GPU");
    } else if (h.vram_bytes && h.gpus.size() > 1) {
        add(size_text(*h.vram_bytes) + " VRAM in all");
    }
    return out;
}

}  // namespace lmstress
