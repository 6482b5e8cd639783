#pragma once

#include "api/body_patch.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "load/exchange.hpp"
#include "load/observer.hpp"
#include "load/response_cache.hpp"
#include "net/url.hpp"
#include "wire/secrets.hpp"
#include "workload/conversation_file.hpp"
#include "workload/image_file.hpp"
#include "workload/prompts.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lmstress::load {

/// The way of a run's requests to one API.
struct lane {
    const api::api* api;
    std::string request_line_and_fields;  ///< of every request's head, without what differs
    api::body_patch patch = {};           ///< what the scenario changes in every body
    /// How the earlier turns of a conversation reach the server.
    workload::conversation::history history = workload::conversation::history::resent;
    /// What of the scenario the API has no way to express.
    std::vector<std::string> left_out = {};
    std::string greeting = {};  ///< what a new connection says first, on a WebSocket
    std::optional<prompt_calibration> calibration = {};  ///< of made-up prompts, once it is known
};

/// The most requests that a level can come to have in its window. With a window of a length alone
/// nobody knows: then it is what the pace of the fastest request so far would bring, once there
/// were some, and before that nothing.
struct most_requests {
    std::optional<std::uint64_t> count;
    bool known = true;  ///< by the settings; else by that pace
};

/// What all parts of a run share. Everything referred to outlives the run.
struct run_context {
    boost::asio::any_io_executor executor;
    clock& time;
    net::transport& transport;
    const scenario& settings;
    const workload::prompts& prompts;
    observer& results;
    measure::live_counters& live;
    std::string run_id;
    std::vector<load::lane> lanes;
    /// What is said in them; null: each is made of the prompts.
    const workload::conversation_file* conversations = nullptr;
    std::span<const workload::image_file> images = {};  ///< with each prompt
    std::vector<std::uint32_t> levels;                  ///< their streams, one level after another
    std::string model;
    bool llama_cpp = false;
    /// The model is not in memory: one request goes alone and is waited for, because several at
    /// once would load it several times (lmstudio-bug-tracker#1751).
    bool cold = false;
    /// Called once that request has ended: what the server says now goes into the levels' setup.
    std::function<boost::asio::awaitable<void>(server_settings&)> after_load = {};
    /// Before each request of a closed loop, which is due once that has been done; none: nothing.
    std::function<boost::asio::awaitable<void>()> before_each = {};
    instant run_start{};
    wire::secrets hidden = {};           ///< in whatever a server says
    std::optional<error> ended_by = {};  ///< what made it end before its levels
    /// Asked after each request, with the most that its level can come to have in its window: why
    /// the run is to end now, in a sentence; empty: it goes on. None: nobody asks for it.
    std::function<std::string(const request_record& ended, const most_requests& most)> lost_after =
        {};
    /// The same after so many levels that ran side by side, where others are to come.
    std::function<std::string(std::size_t levels)> lost_after_levels = {};

    std::uint64_t next_index = 0;  ///< of requests, over the whole run
    std::uint64_t talks = 0;       ///< conversations begun
    std::uint64_t ended = 0;       ///< requests that have ended
    std::uint64_t failed = 0;      ///< requests that failed or timed out
    bool hopeless = false;         ///< the first answer showed that no further request can succeed
    bool given_up = false;         ///< as many failed as the scenario allows
    std::string lost = {};         ///< why it was ended so; empty: it was not

    first_failure failure = {};
    response_cache answered = {};
    net::gate connects{time};

    [[nodiscard]] exchange::surroundings surroundings() {
        return {time, transport, settings.deadlines, failure, connects};
    }
};

/// The beginning of every request's head; on a WebSocket the whole request for it.
[[nodiscard]] std::string request_line_and_fields(const net::endpoint& at, const api::api& api,
                                                  const target_settings& target);

/// The c-th conversation of a level on its lane; with prompts for turns, those from c * turns on.
[[nodiscard]] workload::script script_of(const run_context& run, const lane& on,
                                         std::uint32_t level, std::uint64_t c);

/// The bytes of the next request of a conversation on its lane.
[[nodiscard]] outgoing make_request(const run_context& run, const lane& on,
                                    const workload::conversation& says, std::uint64_t index);

/// The texts that a request of the lane has embedded. 0: none, or nobody knows how many.
[[nodiscard]] std::uint64_t inputs_of(const run_context& run, const lane& on);

/// "<index>-<run id>"
[[nodiscard]] std::string request_id(const run_context& run, std::uint64_t index);

/// Counts a request that has ended. Where it is the run's first and shows that no further one can
/// succeed, the run is hopeless from here on; where it is one failure too many, it is given up.
void note_end(run_context& run, const request_record& record);

}  // namespace lmstress::load
