#pragma once

#include "lmstress/error.hpp"
#include "server/catalog.hpp"
#include "server/way.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>

// LM Studio's models, as an operator handles them. What is handed in by value or as a way outlives
// nothing; errors are for the user.

namespace lmstress::server {

/// What the server has on its disk: from REST v1, or from v0 where that is all there is.
[[nodiscard]] boost::asio::awaitable<result<catalog>> read_catalog(way to);
/// One model of it; on v0 from GET /api/v0/models/{model}.
[[nodiscard]] boost::asio::awaitable<result<catalog_entry>> read_entry(way to, std::string name);

struct loaded_model {
    std::string instance;
    std::optional<double> seconds;
    boost::json::object config;  ///< read back from the list
    /// Of the settings that were asked for, those of which the server does not say whether they are
    /// in force.
    std::vector<std::string> untold = {};
};

/// The error that what is in force of an instance is not all that was asked for, where it is so.
[[nodiscard]] std::optional<error> not_as_asked(const std::string& id,
                                                const boost::json::object& asked,
                                                const boost::json::object& in_force);

/// Loads a model with `settings`, keys as the server spells them, and reads back what is in force.
/// Where that differs the error is errc::not_in_force, and the instance stays; where the server
/// does not know a setting it is errc::refused, and nothing was loaded.
[[nodiscard]] boost::asio::awaitable<result<loaded_model>> load_model(way to, std::string model,
                                                                      boost::json::object settings);

[[nodiscard]] boost::asio::awaitable<result<void>> unload_instance(way to, std::string id);

/// A download, as the server told of it last.
struct download_job {
    std::string id = {};
    std::string status = {};  ///< downloading, paused, completed, failed, already_downloaded
    std::optional<std::uint64_t> total_bytes = {};
    std::optional<std::uint64_t> done_bytes = {};
    std::optional<double> bytes_per_second = {};
    std::string complaint = {};  ///< with `failed`, where the server says why
};

/// The job that an answer tells of; nothing where it tells of none.
[[nodiscard]] std::optional<download_job> job_in(const http_answer& answer);

[[nodiscard]] boost::asio::awaitable<result<download_job>> start_download(way to, std::string model,
                                                                          std::string quantization);
[[nodiscard]] boost::asio::awaitable<result<download_job>> look_at_download(way to, std::string id);

}  // namespace lmstress::server
