#include "conformance/llama_server.hpp"

#include "support/fetch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace test {

namespace json = boost::json;

namespace {

std::vector<std::string> command(std::uint16_t port, const std::vector<std::string>& arguments) {
    std::vector<std::string> out{LLAMA_SERVER, "run", std::to_string(port)};
    out.insert(out.end(), arguments.begin(), arguments.end());
    return out;
}

}  // namespace

llama_server::llama_server(const std::vector<std::string>& arguments)
    : port_(free_port()), process_(command(port_, arguments)) {
    process_.wait_for_output("listening on http", std::chrono::seconds{60});
}

llama_server::~llama_server() {
    if (ended_) return;
    ask_to_end();
    process_.wait();
}

std::uint64_t llama_server::counter(const std::string& name) const {
    std::istringstream lines{fetch(port_, "/metrics")};
    const std::string start = "llamacpp:" + name + " ";
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(start)) return std::stoull(line.substr(start.size()));
    }
    throw std::runtime_error("no counter " + name);
}

std::size_t llama_server::generating() const {
    const json::value slots = json::parse(fetch(port_, "/slots"));
    std::size_t n = 0;
    for (const json::value& slot : slots.as_array()) {
        const json::value* next = slot.as_object().if_contains("next_token");
        n += next != nullptr && next->at(0).at("n_decoded").to_number<int>() > 1 ? 1 : 0;
    }
    return n;
}

std::string llama_server::version() const {
    return json::parse(fetch(port_, "/props")).at("build_info").as_string().c_str();
}

void llama_server::end_within_five_seconds() {
    try {
        process_.wait(std::chrono::seconds{5});
    } catch (const std::runtime_error&) {
        process_.signal(SIGKILL);
        process_.wait();
    }
    ended_ = true;
}

std::uint64_t sum(const std::vector<lmstress::request_record>& records,
                  std::optional<std::uint64_t> lmstress::request_record::* field) {
    return std::accumulate(
        records.begin(), records.end(), std::uint64_t{0},
        [&](std::uint64_t n, const auto& r) { return n + (r.*field).value_or(0); });
}

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
    return json::parse(content_of(out / "summary.json"))
        .at("levels")
        .as_array()
        .at(index)
        .as_object();
}

}  // namespace test
