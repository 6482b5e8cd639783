#include "cli/trace.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace lmstress::cli {
namespace {

/// Mooncake's longest lines name the blocks of a prompt of a hundred thousand tokens: 2 KB.
constexpr std::streamsize longest_line = 1'048'576;

}  // namespace

result<std::vector<workload::trace_entry>> load_trace(const arrival_settings& a) {
    const std::string& name = a.trace_file;
    std::error_code ec;
    if (!std::filesystem::is_regular_file(name, ec)) {
        const char* why =
            std::filesystem::exists(name, ec) ? "it is no file" : "there is no such file";
        return error{errc::bad_file, "cannot read " + name + ": " + why};
    }
    std::ifstream file{name, std::ios::binary};
    if (!file) return error{errc::bad_file, "cannot open " + name};
    workload::trace_reader reader{name, a.trace_limit};
    std::vector<char> line(longest_line);
    // Line by line: a published trace is a gigabyte, and of each line sixteen bytes are kept.
    while (file.getline(line.data(), longest_line)) {
        const auto more = reader.take(line.data());
        if (!more) return more.error();
        if (!*more) break;
    }
    if (file.bad() || (file.fail() && !file.eof())) {
        return error{errc::bad_file,
                     fmt::format("{} has a line that is longer than {} bytes, or cannot be read",
                                 name, longest_line)};
    }
    return reader.finish();
}

}  // namespace lmstress::cli
