#pragma once

#include "cli/own_server.hpp"
#include "cli/way_to_server.hpp"
#include "lmstress/scenario.hpp"
#include "server/identify.hpp"
#include "wire/secrets.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::cli {

/// A server under test for one run or several: found, or started by the user's command, and with
/// the settings of a scenario in force. A server that was started is stopped with this.
class server_session {
  public:
    /// Both outlive this.
    server_session(boost::asio::io_context& context, clock& time)
        : context_(context), time_(time), own_(context) {}

    struct how {
        std::vector<std::string> command = {};  ///< starts the server; empty: it runs already
        workload::conversation_needs needs = {};
        bool load = false;   ///< the model, where it is not in memory
        bool quiet = false;  ///< no word on stderr
    };
    /// `s` takes over what was found out. An error has nothing secret in it.
    [[nodiscard]] result<void> open(scenario& s, const how& h);
    /// The same in two steps: what lies between them may use way().
    [[nodiscard]] result<void> find(scenario& s, const how& h);
    [[nodiscard]] result<void> bring_into_force(scenario& s, const how& h);

    /// After open().
    [[nodiscard]] way_to_server& way() noexcept { return *way_; }
    [[nodiscard]] server::identity& who() noexcept { return *who_; }
    [[nodiscard]] const wire::secrets& hidden() const noexcept { return hidden_; }
    [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }
    [[nodiscard]] clock& time() noexcept { return time_; }

    /// The error that nobody accepts connections at its address any longer, where it is so: what is
    /// measured then says nothing of a load.
    [[nodiscard]] std::optional<error> gone(const scenario& s);

    /// What was measured counts, whatever comes of this: it says so on stderr. `directory` takes
    /// the log of a server that was started; empty: there is no place for it.
    void close(const scenario& s, bool unload, const std::filesystem::path& directory, bool quiet);

  private:
    void note(const std::string& sentence, bool quiet) const;

    boost::asio::io_context& context_;
    clock& time_;
    wire::secrets hidden_;
    std::optional<net::endpoint> at_;
    std::optional<way_to_server> way_;
    own_server own_;
    std::optional<server::identity> who_;
};

}  // namespace lmstress::cli
