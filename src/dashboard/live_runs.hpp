#pragma once

#include "dashboard/http_message.hpp"
#include "dashboard/job_log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::dashboard {

/// The runs that go on in other terminals, by the records that they keep beside the history
/// (docs/dashboard.md, "A run while it goes on"), and their routes. A record is locked as long as
/// its run goes on; one that is not was left by a run that was killed, whose results are then taken
/// into the history.
///
/// Everything happens on the thread that runs the context; the context outlives this.
class live_runs {
  public:
    struct settings {
        std::filesystem::path folder;
        /// Whether the results of a run lie where those of our own go: it has a page already.
        std::function<bool(const std::string& directory)> is_own;
        std::function<std::vector<std::int64_t>(const std::filesystem::path&)> salvage;
    };

    live_runs(boost::asio::io_context& context, settings s);

    /// Whether one of its routes has that path.
    [[nodiscard]] static bool owns(std::string_view path);
    [[nodiscard]] http_answer answer(const http_request& r);
    /// Whether one goes on.
    [[nodiscard]] bool any();

  private:
    class record;

    void look_again();
    void read_all();
    void find_new();
    void read_later();
    void over(const record& r, job_log& log);

    settings settings_;
    boost::asio::steady_timer later_;
    bool waits_ = false;
    std::map<std::string, std::shared_ptr<record>> runs_;  // by their run ids
};

}  // namespace lmstress::dashboard
