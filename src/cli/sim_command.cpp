#include "cli/options.hpp"
#include "net/platform.hpp"
#include "net/real_clock.hpp"
#include "sim/tcp_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>

namespace lmstress::cli {

int simulate(const sim_options& options) {
    boost::asio::io_context context{1};
    net::real_clock time{context};
    sim::server server{options.server, time.now()};
    std::unique_ptr<sim::truth_log> log;
    if (!options.truth_log.empty()) {
        auto opened = sim::truth_log::open(options.truth_log);
        if (!opened) return complain(opened.error());
        log = *std::move(opened);
    }
    net::platform::begin_receive_times();
    net::platform::raise_file_limit(65'536);
    sim::tcp_server listener{context, time, server, log.get()};
    const auto port = listener.listen(options.port);
    if (!port) return complain(port.error());
    listener.start();
    boost::asio::signal_set signals{context, SIGINT, SIGTERM};
    net::alarm over{time, [&] { signals.cancel(); }};
    signals.async_wait([&](const boost::system::error_code&, int) {
        over.cancel();
        listener.close();
    });
    if (options.lasting > nanoseconds{0}) over.set(time.now() + options.lasting);
    std::printf("listening on http://127.0.0.1:%u\n", static_cast<unsigned>(*port));
    std::fflush(stdout);
    context.run();
    return 0;
}

}  // namespace lmstress::cli
