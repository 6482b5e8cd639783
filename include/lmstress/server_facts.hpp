#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lmstress {

struct server_gpu {
    std::string name;
    std::uint64_t memory_bytes = 0;  ///< 0: it does not say
    std::string platform = {};  ///< by which it is driven, as the server spells it: CUDA, Metal
    friend bool operator==(const server_gpu&, const server_gpu&) = default;
};

/// The machine that a server runs on.
struct server_hardware {
    std::string cpu;
    std::optional<std::uint64_t> ram_bytes = {};
    std::optional<std::uint64_t> vram_bytes = {};
    std::vector<server_gpu> gpus = {};
    friend bool operator==(const server_hardware&, const server_hardware&) = default;
};

/// What a server is, by its own word. What it does not say is empty.
struct server_facts {
    std::string software = {};  ///< LM Studio, llama.cpp, Ollama; else its Server header
    std::string version = {};
    std::string build = {};
    std::vector<std::string> runtimes = {};  ///< that run its models, each with its version
    std::optional<server_hardware> hardware = {};
    [[nodiscard]] bool any() const noexcept { return !software.empty(); }
    friend bool operator==(const server_facts&, const server_facts&) = default;
};

/// A model as the server's list describes it. What it does not say is empty.
struct model_facts {
    std::string key = {};
    std::string architecture = {};
    std::string format = {};  ///< "gguf" or "mlx"
    std::string params = {};  ///< "4B", "26B-A4B"
    std::string quantization = {};
    std::optional<std::uint64_t> size_bytes = {};  ///< of its files
    friend bool operator==(const model_facts&, const model_facts&) = default;
};

/// "LM Studio 0.4.16, build 1"; empty where it is unknown.
[[nodiscard]] std::string software_text(const server_facts& f);
/// "AMD EPYC 7543, 64 GiB RAM, NVIDIA L4 (CUDA, 24 GiB)".
[[nodiscard]] std::string hardware_text(const server_hardware& h);

}  // namespace lmstress
