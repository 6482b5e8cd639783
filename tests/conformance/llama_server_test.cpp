// Against a real llama.cpp server, the engine inside LM Studio, with a tiny model that says
// nothing.

#include "support/child_process.hpp"
#include "support/fetch.hpp"
#include "support/truth.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <numeric>
#include <sstream>
#include <string>

namespace json = boost::json;

namespace {

/// llama-server on a free port; ends with the test.
class llama_server {
  public:
    explicit llama_server(const std::vector<std::string>& arguments)
        : port_(test::free_port()), process_(command(port_, arguments)) {
        process_.wait_for_output("listening on http", std::chrono::seconds{60});
    }
    ~llama_server() {
        process_.signal(SIGTERM);
        process_.wait();
    }
    llama_server(llama_server&&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    /// A counter of GET /metrics.
    [[nodiscard]] std::uint64_t counter(const std::string& name) const {
        std::istringstream lines{test::fetch(port_, "/metrics")};
        const std::string start = "llamacpp:" + name + " ";
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with(start)) return std::stoull(line.substr(start.size()));
        }
        throw std::runtime_error("no counter " + name);
    }
    [[nodiscard]] std::string version() const {
        return json::parse(test::fetch(port_, "/props")).at("build_info").as_string().c_str();
    }

  private:
    static std::vector<std::string> command(std::uint16_t port,
                                            const std::vector<std::string>& arguments) {
        std::vector<std::string> out{LLAMA_SERVER, "run", std::to_string(port)};
        out.insert(out.end(), arguments.begin(), arguments.end());
        return out;
    }

    std::uint16_t port_;
    test::child_process process_;
};

std::uint64_t sum(const std::vector<lmstress::request_record>& records,
                  std::optional<std::uint64_t> lmstress::request_record::* field) {
    return std::accumulate(
        records.begin(), records.end(), std::uint64_t{0},
        [&](std::uint64_t n, const auto& r) { return n + (r.*field).value_or(0); });
}

/// The server's own counts, of all that it ever did.
void check_counts(const std::vector<lmstress::request_record>& records,
                  const llama_server& server) {
    CHECK(sum(records, &lmstress::request_record::output_tokens) ==
          server.counter("tokens_predicted_total"));
    CHECK(sum(records, &lmstress::request_record::input_tokens) ==
          server.counter("prompt_tokens_total") + server.counter("prompt_tokens_cached_total"));
    CHECK(sum(records, &lmstress::request_record::cached_tokens) ==
          server.counter("prompt_tokens_cached_total"));
}

json::object level_of(const std::filesystem::path& out, std::size_t index) {
    return json::parse(test::content_of(out / "summary.json"))
        .at("levels")
        .as_array()
        .at(index)
        .as_object();
}

double metric(const json::object& level, const char* name, const char* quantile) {
    return level.at("metrics").at(name).at(quantile).to_number<double>();
}

}  // namespace

TEST_CASE("llama-server: 8 streams on 4 slots, every request and every token accounted for") {
    llama_server server{{"--parallel", "4", "--kv-unified", "-c", "8192"}};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    const auto run =
        test::run_lmstress({"run", "--url", server.url(), "--api", "openai-chat", "--concurrency",
                            "4,8", "--requests", "48", "--max-tokens", "256", "--out", out});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    MESSAGE("llama-server ", server.version(), "\n", run.output);
    const auto records = test::read_records(out);
    REQUIRE(records.size() == 96);
    for (const auto& r : records) {
        CAPTURE(r.request_id);
        CHECK(r.ended == lmstress::outcome::completed);
        CHECK(r.output_tokens == 256);
        CHECK(r.events == 256);
        CHECK(r.tokens_from == lmstress::token_source::exact);  // timings_per_token
        CHECK(r.finish_reason == "length");
        CHECK(r.answered_by == "tiny");
        CHECK(r.moments.has(lmstress::moment::prefill_start));
        CHECK(r.moments.has(lmstress::moment::prefill_end));
        // The salt: no two prompts share more than the template, and by chance a letter or two.
        CHECK(r.cached_tokens.value_or(0) <= 8);
    }
    check_counts(records, server);

    // Four of eight wait for a slot, and that is what their TTFT is made of.
    const json::object fits = level_of(out, 0);
    const json::object waits = level_of(out, 1);
    CHECK(waits.at("server").at("parallel").at("confirmed").to_number<int>() == 4);
    CHECK(metric(waits, "ttft_ms", "p50") > 3 * metric(fits, "ttft_ms", "p50"));
    CHECK(metric(waits, "queue_ms", "p50") > metric(waits, "ttft_ms", "p50") / 2);
    CHECK(metric(fits, "queue_ms", "p50") < metric(waits, "queue_ms", "p50") / 2);
}

TEST_CASE("llama-server: completions and responses, with the server's own counts") {
    struct row {
        const char* api;
        const char* finish_reason;
    };
    for (const row& expected :
         {row{"openai-completions", "length"}, row{"openai-responses", "completed"}}) {
        CAPTURE(std::string{expected.api});
        llama_server server{{"--parallel", "4", "--kv-unified", "-c", "8192"}};
        const test::temporary_directory directory;
        const auto out = directory.path() / "result";
        const auto run =
            test::run_lmstress({"run", "--url", server.url(), "--api", expected.api,
                                "--concurrency", "4", "--requests", "24", "--max-tokens", "64",
                                "--system-prompt", "Be brief.", "--out", out});
        CAPTURE(run.output);
        REQUIRE(run.exit_code == 0);
        const auto records = test::read_records(out);
        REQUIRE(records.size() == 24);
        for (const auto& r : records) {
            CAPTURE(r.request_id);
            CHECK(r.ended == lmstress::outcome::completed);
            CHECK(r.output_tokens == 64);
            CHECK(r.events == 64);
            CHECK(r.tokens_from == lmstress::token_source::exact);  // timings_per_token
            CHECK(r.finish_reason == expected.finish_reason);
            CHECK(r.answered_by == "tiny");
            CHECK(r.unknown_events == 0);
            CHECK(r.moments.has(lmstress::moment::prefill_end));
            CHECK(r.server_ttft_ms.value_or(0) > 0);
        }
        check_counts(records, server);
    }
}

TEST_CASE("llama-server: without a salt equal prompts come from the cache, and that is said") {
    llama_server server{{"--parallel", "1", "-c", "4096"}};
    const test::temporary_directory directory;
    const auto run_with = [&](const char* salt) {
        const auto out = directory.path() / salt;
        const auto run = test::run_lmstress(
            {"run", "--url", server.url(), "--requests", "6", "--max-tokens", "4", "--salt", salt,
             "--prompt", "Tell me about the long river that runs through the old town to the sea.",
             "--out", out});
        CAPTURE(run.output);
        REQUIRE(run.exit_code == 0);
        return std::pair{run.output,
                         sum(test::read_records(out), &lmstress::request_record::cached_tokens)};
    };
    const auto [without, cached_without] = run_with("none");
    const auto [with, cached_with] = run_with("run");
    CHECK(cached_without > 5 * 15);
    CHECK(without.find("came from the server's cache") != std::string::npos);
    CHECK(cached_with <= 6 * 8);
}

TEST_CASE("llama-server: the prompts of the project fit four slots that share a context of 4,096") {
    llama_server server{{"--parallel", "4", "--kv-unified", "-c", "4096"}};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    const auto run = test::run_lmstress(
        {"run", "--url", server.url(), "--concurrency", "4", "--requests", "96", "--out", out});
    CAPTURE(run.output);
    CHECK(run.exit_code == 0);
    const json::object level = level_of(out, 0);
    CHECK(level.at("requests").at("completed").to_number<int>() == 96);
}

TEST_CASE("llama-server: a prompt over the context is named as such") {
    llama_server server{{"--parallel", "1", "-c", "256"}};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    const auto run = test::run_lmstress({"run", "--url", server.url(), "--requests", "2",
                                         "--synthetic", "fixed:2000", "--out", out});
    CHECK(run.exit_code == 3);  // no request completed
    const auto records = test::read_records(out);
    REQUIRE(records.size() == 2);
    CHECK(records[0].error->kind == lmstress::failure_kind::prompt_too_long);
    CHECK(records[0].error->http_status == 400);
}

TEST_CASE("llama-server: a setting that is asked for and not in force makes the run invalid") {
    llama_server server{{"--parallel", "2", "-c", "4096"}};
    const test::temporary_directory directory;
    const auto run_with = [&](const char* parallel) {
        return test::run_lmstress({"run", "--url", server.url(), "--n-parallel", parallel,
                                   "--requests", "4", "--max-tokens", "4", "--out",
                                   directory.path() / parallel});
    };
    CHECK(run_with("2").exit_code == 0);
    const auto other = run_with("4");
    CHECK(other.exit_code == 5);
    CHECK(other.output.find("runs 2 streams at once and not the 4") != std::string::npos);
}

TEST_CASE("llama-server: probe tells what it is and how it streams") {
    llama_server server{{"--parallel", "2", "-c", "4096"}};
    const auto found = test::run_lmstress({"probe", server.url()});
    MESSAGE(found.output);
    CHECK(found.exit_code == 0);
    for (const char* line : {"ok       server         llama.cpp, build b", "no       LM Studio v1",
                             "no       LM Studio v0", "ok       OpenAI         GET /v1/models: 1",
                             "ok       token          none is needed", "2 slots, context",
                             "ok       same socket", "ok       streams        16 events",
                             "headers first", "ok       usage          16 output tokens"}) {
        CAPTURE(std::string{line});
        CHECK(found.output.find(line) != std::string::npos);
    }
}

TEST_CASE("llama-server: probe sees that a key is needed, though models are listed without it") {
    llama_server server{{"--parallel", "2", "-c", "4096", "--api-key", "good"}};
    const auto refused = test::run_lmstress({"probe", server.url()});
    CAPTURE(refused.output);
    CHECK(refused.exit_code == 3);
    CHECK(refused.output.find("no       token          ") != std::string::npos);
    const auto let_in = test::run_lmstress({"probe", server.url()}, {"LM_API_TOKEN=good"});
    CAPTURE(let_in.output);
    CHECK(let_in.exit_code == 0);
    CHECK(let_in.output.find("needed, and the given one is accepted") != std::string::npos);
}
