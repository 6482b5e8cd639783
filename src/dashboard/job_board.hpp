#pragma once

#include "dashboard/http_message.hpp"
#include "dashboard/job_log.hpp"
#include "dashboard/job_process.hpp"
#include "dashboard/measuring_turn.hpp"
#include "dashboard/scenario_folder.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lmstress::dashboard {

/// What a run of a scenario is started with.
struct job_settings {
    std::string program;              ///< lmstress itself
    std::filesystem::path scenarios;  ///< empty: nothing can be started
    std::filesystem::path results;    ///< where the results of what is started go
    std::filesystem::path history;    ///< the database
    scenario_reader read;
    /// Whether somebody else is measuring on this machine.
    std::function<bool()> another_measures = {};
    /// Takes what a run that was killed has left into the history; the numbers it has there.
    std::function<std::vector<std::int64_t>(const std::filesystem::path&)> salvage = {};
};

/// The scenarios that may be started, and the runs that were: their routes (docs/dashboard.md). One
/// runs at a time, for two would measure each other.
///
/// Everything happens on the thread that runs the context; the context outlives this.
class job_board {
  public:
    job_board(boost::asio::io_context& context, job_settings s)
        : context_(context), settings_(std::move(s)) {}

    /// Whether one of its routes has that path.
    [[nodiscard]] static bool owns(std::string_view path);
    [[nodiscard]] http_answer answer(const http_request& r);

    [[nodiscard]] bool is_busy() const noexcept { return process_ != nullptr; }
    /// Whether the results of one of its runs go there.
    [[nodiscard]] bool has_started(const std::string& directory) const;
    [[nodiscard]] std::size_t started() const noexcept { return started_; }
    /// As Ctrl-C to what runs; the second time it is cut.
    void interrupt();
    /// Called, once, when nothing runs any more.
    void when_idle(std::function<void()> what);

  private:
    [[nodiscard]] http_answer scenarios() const;
    [[nodiscard]] http_answer list() const;
    [[nodiscard]] http_answer start(const http_request& r);
    [[nodiscard]] http_answer follow(job_log& job, const http_request& r) const;
    void ended(int exit_code);

    boost::asio::io_context& context_;
    job_settings settings_;
    std::deque<std::shared_ptr<job_log>> jobs_;  // newest first
    std::unique_ptr<job_process> process_;       // of the newest
    std::unique_ptr<measuring_turn> turn_;       // while it runs
    std::size_t started_ = 0;
    std::function<void()> when_idle_;
};

/// The flags that the body of a POST asks for beside the scenario, each as one word
/// (--concurrency=1,2), so that none of them can be taken for another flag.
struct asked_job {
    std::string scenario;
    std::vector<std::string> flags = {};
};
[[nodiscard]] result<asked_job> read_asked_job(std::string_view body);

}  // namespace lmstress::dashboard
