#pragma once

#include "lmstress/scenario.hpp"
#include "net/stream.hpp"
#include "net/url.hpp"
#include "server/file_upload.hpp"
#include "server/identify.hpp"
#include "server/state_watch.hpp"
#include "workload/history.hpp"
#include "workload/image_file.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::cli {

/// The server under test, as the run that is about to begin sees it.
class way_to_server {
  public:
    /// The context, the clock and the endpoint outlive this.
    [[nodiscard]] static result<way_to_server> make(boost::asio::io_context& context, clock& time,
                                                    const net::endpoint& at,
                                                    const target_settings& target);

    /// Has the server load the model of the scenario where it is not in memory. One sentence on
    /// what was done, empty where there was nothing to do. Runs the context.
    [[nodiscard]] result<std::string> load(const scenario& s);
    /// Has it unload every instance of the model. Runs the context.
    [[nodiscard]] result<std::string> unload(const scenario& s);

    /// What the server is, with what the scenario asks of it in force. `s` takes over what was
    /// found out. `said` is what a server of the run's own has printed. Runs the context. What
    /// takes long is said on stderr, unless `quiet`.
    [[nodiscard]] result<server::identity> reach(scenario& s, workload::conversation_needs needs,
                                                 std::string_view said, bool quiet);

    /// Ready to ask LM Studio what the model is doing, for --server-state. Runs the context.
    [[nodiscard]] result<std::unique_ptr<server::state_watch>> watch(
        const scenario& s, const server::identity& who) const;

    /// Sends the images to the server, for requests to name them: `images` says by which names.
    /// They are there as long as what is returned. Runs the context.
    [[nodiscard]] result<std::unique_ptr<server::file_upload>> upload(
        const scenario& s, std::vector<workload::image_file>& images) const;

    /// What the server says of itself now that its model is in memory: `known`, with more in it.
    [[nodiscard]] boost::asio::awaitable<server_settings> look_again(const scenario& s,
                                                                     server_settings known) const;

    [[nodiscard]] net::transport& transport() const noexcept { return *transport_; }
    [[nodiscard]] const net::endpoint& at() const noexcept { return at_; }

  private:
    way_to_server(boost::asio::io_context& context, clock& time, const net::endpoint& at,
                  std::unique_ptr<net::transport> transport)
        : context_(context), time_(time), at_(at), transport_(std::move(transport)) {}

    boost::asio::io_context& context_;
    clock& time_;
    const net::endpoint& at_;
    std::unique_ptr<net::transport> transport_;
};

/// The address of the server under test. Where several are to be tried, the first at which an LLM
/// server answers, and `target` says from then on which; that runs the context.
[[nodiscard]] result<net::endpoint> find_address(boost::asio::io_context& context, clock& time,
                                                 target_settings& target);

/// The slots that a multiple is one of: as many as the server says, else as many as it was asked to
/// have, of which a warning says that they could not be confirmed.
[[nodiscard]] std::optional<std::uint64_t> slots_of(const server_setting<std::uint64_t>& parallel);

/// The streams of each level, multiples worked out by those slots; an error where
/// they are unknown, or where this process may not have so many connections.
[[nodiscard]] result<std::vector<std::uint32_t>> streams_of(const load_settings& load,
                                                            std::optional<std::uint64_t> slots);

}  // namespace lmstress::cli
