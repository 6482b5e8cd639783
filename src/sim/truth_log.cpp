#include "sim/truth_log.hpp"

#include "wire/json_writer.hpp"

#include <cerrno>
#include <cstring>

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
    wire::json_writer{lines_}
        .begin_object()
        .field("request_id", request_id)
        .field("type", "request")
        .field("kernel_ns", ns(kernel))
        .field("read_ns", ns(read))
        .end_object();
    lines_ += '\n';
}

void truth_log::event(const truth& what, instant sent) {
    wire::json_writer{lines_}
        .begin_object()
        .field("request_id", what.request_id)
        .field("event", what.event)
        .field("type", what.type)
        .field("due_ns", ns(what.due))
        .field("sent_ns", ns(sent))
        .end_object();
    lines_ += '\n';
}

void truth_log::answer(const answer_truth& what) {
    wire::json_writer w{lines_};
    w.begin_object().field("request_id", what.request_id).field("type", "answer");
    w.field("model", what.model).field("text", what.text).field("reasoning", what.reasoning);
    w.field("tool", what.tool).field("arguments", what.arguments);
    w.field("input_tokens", what.input_tokens).field("output_tokens", what.output_tokens);
    w.field("finish_reason", what.finish_reason);
    if (what.turn > 0) w.field("conversation", what.conversation).field("turn", what.turn);
    w.end_object();
    lines_ += '\n';
}

void truth_log::flush_if_long() {
    if (lines_.size() > keep_back) flush();
}

void truth_log::flush() {
    if (lines_.empty()) return;
    std::fwrite(lines_.data(), 1, lines_.size(), file_);
    std::fflush(file_);
    lines_.clear();
}

}  // namespace lmstress::sim
