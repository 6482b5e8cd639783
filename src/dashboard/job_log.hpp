#pragma once

#include "dashboard/http_message.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::dashboard {

/// A run of a scenario that this process started: what became of it, and what it said meanwhile,
/// for pages that follow it. It has no process and no clock.
class job_log : public std::enable_shared_from_this<job_log> {
  public:
    enum class state : std::uint8_t { starting, running, stopping, ended };

    struct about {
        std::int64_t number = 0;
        std::string scenario;
        std::string command;
        std::int64_t started_unix_ms = 0;
        std::string directory = {};  ///< of its results
        std::string run_id = {};     ///< of a run that another terminal started
    };

    explicit job_log(about what) : about_(std::move(what)) { changed(); }

    [[nodiscard]] std::int64_t number() const noexcept { return about_.number; }
    [[nodiscard]] const std::string& directory() const noexcept { return about_.directory; }
    [[nodiscard]] bool has_ended() const noexcept { return state_ == state::ended; }
    /// The job as an object (docs/dashboard.md).
    [[nodiscard]] std::string json() const;

    /// A line of the run's progress (docs/dashboard.md); what is none is passed over.
    void progress(std::string_view line);
    /// A line that it said on stderr.
    void message(std::string_view line);
    void stopping();
    /// Whether it has told of a run that is in the history.
    [[nodiscard]] bool has_runs() const noexcept { return !runs_.empty(); }
    /// Runs of it that it could not tell of.
    void add_runs(const std::vector<std::int64_t>& ids);
    /// Its directory is not there: it ended before it had anything to write.
    void left_nothing() noexcept { left_nothing_ = true; }
    void end(int exit_code, std::int64_t unix_ms);

    /// Its events from the one after that on; 0: from the first one.
    [[nodiscard]] std::shared_ptr<event_stream> follow(std::uint64_t after);

  private:
    class reader;
    struct event {
        std::uint64_t id;
        bool look;         ///< one of many: some may go
        std::string text;  ///< as it is sent
    };

    void changed();
    void add(std::string_view kind, std::string_view json, bool look = false);
    void thin_out();

    about about_;
    state state_ = state::starting;
    bool left_nothing_ = false;
    std::optional<int> exit_code_;
    std::optional<std::int64_t> ended_unix_ms_;
    std::vector<std::int64_t> runs_;
    std::deque<std::string> messages_;
    std::deque<event> events_;
    std::uint64_t last_id_ = 0;
    std::size_t looks_ = 0;
    std::vector<std::function<void()>> waiting_;
};

}  // namespace lmstress::dashboard
