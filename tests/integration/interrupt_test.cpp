// Ctrl-C while a model is loaded: one sentence, exit code 130, and nobody who still waits.

#include "support/child_process.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

const std::string sentence =
    "lmstress: interrupted while the server was asked; what it was asked to do it may go on with\n";

std::string head_of_request(tcp::socket& from) {
    std::string request;
    asio::read_until(from, asio::dynamic_buffer(request), "\r\n\r\n");
    return request;
}

/// Takes a connection and answers what is asked on it.
void answer_one(tcp::acceptor& at, const std::string& body) {
    tcp::socket client = at.accept();
    head_of_request(client);
    asio::write(client, asio::buffer("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                     "Connection: close\r\nContent-Length: " +
                                     std::to_string(body.size()) + "\r\n\r\n" + body));
}

/// Whether the other side has gone, once all that it sent is read.
bool hears_the_end(tcp::socket& of) {
    boost::system::error_code ec;
    std::string rest(4096, ' ');
    while (!ec) of.read_some(asio::buffer(rest), ec);
    return ec == asio::error::eof || ec == asio::error::connection_reset;
}

const std::vector<std::string> endless = {"--cold", "--load-seconds", "1000"};

}  // namespace

TEST_CASE("interrupt: models load, while the server loads") {
    asio::io_context context;
    tcp::acceptor server{context, {asio::ip::address_v4::loopback(), 0}};
    const std::string url = "http://127.0.0.1:" + std::to_string(server.local_endpoint().port());
    test::child_process load{{LMSTRESS_BINARY, "models", "load", "m", "--url", url}};
    answer_one(server, R"({"models":[{"type":"llm","key":"m","loaded_instances":[]}]})");
    tcp::socket loading = server.accept();
    CHECK(head_of_request(loading).starts_with("POST /api/v1/models/load "));
    load.signal(SIGINT);
    CHECK(load.wait() == 130);
    CHECK(load.output() == sentence);
    CHECK(hears_the_end(loading));
}

TEST_CASE("interrupt: models load over the SDK's socket, which ends the load") {
    test::simulator sim{endless};
    test::child_process load{
        {LMSTRESS_BINARY, "models", "load", "qwen/qwen3-4b", "--ttl", "1h", "--url", sim.url()}};
    load.wait_for_output("loading qwen/qwen3-4b");
    load.signal(SIGINT);
    CHECK(load.wait() == 130);
    CHECK(load.output().ends_with(sentence));
    const auto left = test::run_lmstress({"models", "list", "--only-loaded", "--url", sim.url()});
    CHECK(left.output == "no model is like that\n");
}

TEST_CASE("interrupt: a run that has its model loaded with a setting") {
    test::simulator sim{endless};
    const test::temporary_directory at;
    test::child_process run{{LMSTRESS_BINARY, "run", "--url", sim.url(), "--model", "qwen/qwen3-4b",
                             "--n-parallel", "8", "--out", at.path() / "out"}};
    run.wait_for_output("bringing the settings of qwen/qwen3-4b into force ...\n");
    run.signal(SIGINT);
    CHECK(run.wait() == 130);
    CHECK(run.output().ends_with(sentence));
    CHECK_FALSE(std::filesystem::exists(at.path() / "out"));
}

TEST_CASE("interrupt: a run whose first request loads the model, once with a grace and twice") {
    const test::temporary_directory at;
    int presses = 1;
    for (const char* grace : {"100ms", "1h"}) {
        CAPTURE(presses);
        // One of its own each: a load goes on when who asked for it is gone.
        test::simulator sim{endless};
        const auto out = at.path() / grace;
        test::child_process run{{LMSTRESS_BINARY, "run", "--url", sim.url(), "--model",
                                 "qwen/qwen3-4b", "--grace", grace, "--out", out}};
        run.wait_for_output("is not in memory: one request loads it ...\n");
        run.signal(SIGINT);
        run.wait_for_output("ending: waiting for the requests in flight");
        if (presses++ == 2) run.signal(SIGINT);
        CHECK(run.wait() == 130);
        // What there is is written: the request that was cut.
        CHECK(std::filesystem::exists(out / "summary.json"));
        CHECK(test::lines_of(out / "requests.jsonl").size() == 1);
    }
}
