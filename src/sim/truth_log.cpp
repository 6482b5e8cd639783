#include "sim/truth_log.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <iterator>

namespace lmstress::sim {
namespace {

constexpr std::size_t keep_back = 1U << 20U;

auto ns(instant t) {
    return t.time_since_epoch().count();
}

}  // namespace

result<std::unique_ptr<truth_log>> truth_log::open(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (file == nullptr) {
        return error{errc::usage, "cannot write " + path + ": " + std::strerror(errno)};
    }
    return std::unique_ptr<truth_log>{new truth_log{file}};
}

truth_log::~truth_log() {
    flush();
    std::fclose(file_);
}

void truth_log::request(std::string_view request_id, instant kernel, instant read) {
    fmt::format_to(
        std::back_inserter(lines_),
        "{{\"request_id\":\"{}\",\"type\":\"request\",\"kernel_ns\":{},\"read_ns\":{}}}\n",
        request_id, ns(kernel), ns(read));
}

void truth_log::event(const truth& what, instant sent) {
    fmt::format_to(
        std::back_inserter(lines_),
        "{{\"request_id\":\"{}\",\"event\":{},\"type\":\"{}\",\"due_ns\":{},\"sent_ns\":{}}}\n",
        what.request_id, what.event, what.type, ns(what.due), ns(sent));
    if (lines_.size() > keep_back) flush();
}

void truth_log::flush() {
    if (lines_.empty()) return;
    std::fwrite(lines_.data(), 1, lines_.size(), file_);
    std::fflush(file_);
    lines_.clear();
}

}  // namespace lmstress::sim
