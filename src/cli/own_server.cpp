#include "cli/own_server.hpp"

#include "cli/run_to_end.hpp"
#include "report/printable.hpp"
#include "server/await_server.hpp"
#include "store/journal.hpp"
#include "workload/server_command.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdio>

namespace lmstress::cli {

namespace asio = boost::asio;

result<std::string> free_port() {
    asio::io_context context{1};
    asio::ip::tcp::acceptor acceptor{context};
    boost::system::error_code ec;
    const asio::ip::tcp::endpoint any{asio::ip::address_v4::loopback(), 0};
    acceptor.open(any.protocol(), ec);
    if (!ec) acceptor.bind(any, ec);
    const auto at = ec ? any : acceptor.local_endpoint(ec);
    if (!ec) return std::to_string(at.port());
    return error{errc::usage, "no port of 127.0.0.1 is free: " + ec.message()};
}

result<std::vector<std::string>> place_own_server(scenario& s, bool url_given) {
    if (s.server.command.empty()) {
        if (!s.server.context_length) return std::vector<std::string>{};
        return error{errc::usage,
                     "--context-length is of a server that --server-command starts, and there is "
                     "no such command",
                     "LM Studio takes it with lmstress models load --context-length."};
    }
    const auto words = workload::words_of_command(s.server.command);
    if (!words) return words.error();
    const auto at = net::parse_url(s.target.url);
    if (!at) return at.error();
    s.target.further_urls.clear();
    std::string port = at->port;
    if (!url_given || !at->host_header.ends_with(':' + port)) {
        if (!workload::has_placeholder(*words, "port")) {
            return error{errc::usage,
                         "the URL names no port, and --server-command has no {port} to put a free "
                         "one in",
                         "Put --port {port} into the command, or the server's port into --url."};
        }
        const auto one = free_port();
        if (!one) return one.error();
        port = *one;
        s.target.url = "http://127.0.0.1:" + port;
    }
    return workload::filled_in(*words, s.server, port);
}

own_server::own_server(asio::io_context& context) : context_(context) {}

own_server::~own_server() {
    do_before_abrupt_end(nullptr);
}

result<void> own_server::start(clock& time, const way_to_server& way, const scenario& s,
                               const std::vector<std::string>& words, bool quiet) {
    const server::way to{time, way.transport(), way.at(), s.target};
    if (run_to_end(context_, server::is_taken(to))) {
        return error{errc::usage,
                     "something listens at " + s.target.url +
                         " already, where --server-command would start a server",
                     "Stop it, name another port with --url, or leave --server-command out."};
    }
    if (!quiet) {
        std::fprintf(stderr, "starting %s ...\n",
                     report::printable(workload::shown_words(words)).c_str());
    }
    // From here on no signal ends this process by itself, which would leave the server behind.
    static_cast<void>(ending_signals(context_));
    auto started = server::server_process::start(words);
    if (!started) return started.error();
    process_ = *std::move(started);
    do_before_abrupt_end([this] { process_->stop(); });
    return run_to_end(context_, server::await_server(to, *process_, s.deadlines.server_start));
}

std::string own_server::stop(const std::filesystem::path& directory, const wire::secrets& hidden) {
    if (!process_) return {};
    std::string sentence;
    if (const auto how = process_->ended()) {
        sentence = "the server that --server-command started ended by itself, " + *how;
    }
    process_->stop();
    if (directory.empty()) return sentence;
    const auto kept =
        store::write_file(directory / "server.log", hidden.hidden_in(process_->log()));
    return sentence.empty() && !kept ? kept.error().message : sentence;
}

}  // namespace lmstress::cli
