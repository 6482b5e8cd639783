#pragma once

#include "dashboard/data_api.hpp"
#include "dashboard/http_server.hpp"
#include "dashboard/job_board.hpp"
#include "dashboard/live_runs.hpp"
#include "dashboard/request_checks.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace lmstress::dashboard {

/// 32 letters 0-9a-f that nobody can guess.
[[nodiscard]] std::string random_secret();

/// The page, with the token of this start and a nonce of this answer in it, under a policy that
/// lets nothing run or show but what has the nonce.
[[nodiscard]] http_answer page_answer(std::string_view page, const std::string& token,
                                      const std::string& nonce);

struct site_settings {
    std::string_view page;  ///< src/web; lives as long as the program
    access_rules rules;
    std::filesystem::path history;
    run_readers readers;
    job_settings jobs;
    std::filesystem::path live;  ///< where other runs keep their records
};

/// The dashboard: every request goes through the checks, then to what answers it. What takes its
/// time, reading the history or a journal, is done by other threads.
class site {
  public:
    /// The context outlives this.
    site(boost::asio::io_context& context, site_settings s);

    [[nodiscard]] boost::asio::awaitable<http_answer> answer(http_request r);
    [[nodiscard]] job_board& jobs() noexcept { return jobs_; }

  private:
    [[nodiscard]] boost::asio::awaitable<http_answer> routed(const http_request& r);
    [[nodiscard]] boost::asio::awaitable<http_answer> read_there(const http_request& r) const;
    [[nodiscard]] http_answer read(const http_request& r) const;
    [[nodiscard]] job_settings with_others(job_settings s);
    [[nodiscard]] std::string info() const;
    [[nodiscard]] std::string own_metrics() const;

    site_settings settings_;
    data_api data_;
    job_board jobs_;
    live_runs live_;
    std::map<unsigned, std::uint64_t> answers_;  // by status
    // Last, for they end before what they use. Whoever asks for a list does not wait for reports.
    boost::asio::thread_pool lists_{1};
    boost::asio::thread_pool reports_{2};
};

}  // namespace lmstress::dashboard
