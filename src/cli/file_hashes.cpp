#include "cli/file_hashes.hpp"

#include "workload/random.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <sstream>
#include <string_view>

namespace lmstress::cli {
namespace {

using named_hashes = std::vector<std::pair<std::string, std::string>>;

/// Piece by piece, each with the hash so far as its seed: a published trace is a gigabyte.
std::string hash_of(std::istream& in) {
    constexpr std::size_t piece = 65'536;
    std::vector<char> bytes(piece);
    std::uint64_t hash = 0;
    while (in) {
        in.read(bytes.data(), static_cast<std::streamsize>(piece));
        const auto length = static_cast<std::size_t>(in.gcount());
        if (length > 0) hash = workload::hash({bytes.data(), length}, hash);
    }
    return fmt::format("{:016x}", hash);
}

void add(named_hashes& to, const std::string& pointer, const std::string& file) {
    std::error_code ec;
    if (file.empty() || !std::filesystem::is_regular_file(file, ec)) return;
    std::ifstream in{file, std::ios::binary};
    if (in) to.emplace_back(pointer, hash_of(in));
}

}  // namespace

named_hashes hashes_of_files(const scenario& s) {
    const workload_settings& w = s.workload;
    named_hashes out;
    add(out, "/workload/prompts", w.prompts_file);
    add(out, "/workload/conversations", w.conversation.file);
    if (!w.system_prompt_file.empty()) {
        std::istringstream read{w.system_prompt_read};
        out.emplace_back("/workload/system_prompt_file", hash_of(read));
    }
    for (std::size_t i = 0; i < w.images.size(); ++i) {
        add(out, fmt::format("/workload/images/{}", i), w.images[i]);
    }
    add(out, "/load/trace", s.load.arrivals.trace_file);
    return out;
}

}  // namespace lmstress::cli
