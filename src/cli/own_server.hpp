#pragma once

#include "cli/interrupt.hpp"
#include "cli/way_to_server.hpp"
#include "server/server_process.hpp"
#include "wire/secrets.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::cli {

/// A port of 127.0.0.1 that nobody has.
[[nodiscard]] result<std::string> free_port();

/// Where the server of --server-command will be: a free port of this machine where the URL names
/// none, and `s.target` says so then. `url_given` is whether anybody named a URL. The words of the
/// command with all filled in; empty where there is no such command.
[[nodiscard]] result<std::vector<std::string>> place_own_server(scenario& s, bool url_given);

/// The server that --server-command starts for the run. It is stopped when this ends, and when a
/// signal ends the process before there is any result.
class own_server {
  public:
    explicit own_server(boost::asio::io_context& context);
    ~own_server();
    own_server(own_server&&) = delete;

    /// Starts it and waits until it answers. Runs the context.
    [[nodiscard]] result<void> start(clock& time, const way_to_server& way, const scenario& s,
                                     const std::vector<std::string>& words, bool quiet);
    /// What it has said so far; nothing where none was started.
    [[nodiscard]] std::string said() const { return process_ ? process_->log() : std::string{}; }
    /// Stops it and writes server.log, unless `directory` is empty. A sentence where it had ended
    /// before, or its log is not written; else nothing.
    [[nodiscard]] std::string stop(const std::filesystem::path& directory,
                                   const wire::secrets& hidden);

  private:
    boost::asio::io_context& context_;
    std::unique_ptr<server::server_process> process_;
};

}  // namespace lmstress::cli
