#pragma once

#include "lmstress/error.hpp"
#include "sim/reply.hpp"

#include <cstdio>
#include <memory>
#include <string>

namespace lmstress::sim {

/// What the server really did, as JSONL, times by CLOCK_MONOTONIC in nanoseconds
/// (docs/simulator.md): a line {"request_id", "type": "request", "kernel_ns", "read_ns"} for a
/// request that was read, a line {"request_id", "event", "type", "due_ns", "sent_ns"} for each
/// event that was sent, and a line of type "answer" with the members of answer_truth for an answer
/// that came to its end.
class truth_log {
  public:
    [[nodiscard]] static result<std::unique_ptr<truth_log>> open(const std::string& path);
    ~truth_log();
    truth_log(truth_log&&) = delete;

    /// `kernel` is when the last byte of the request arrived, `read` when it was read.
    void request(std::string_view request_id, instant kernel, instant read);
    /// `sent` is just before the send, which comes after this: so nothing is written here.
    void event(const truth& what, instant sent);
    void answer(const answer_truth& what);
    /// Lines are kept back while there is something to do; this writes them.
    void flush();
    /// The same, where there are many of them.
    void flush_if_long();

  private:
    explicit truth_log(std::FILE* file) : file_(file) {}
    std::FILE* file_;
    std::string lines_;
};

}  // namespace lmstress::sim
