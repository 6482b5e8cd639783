#pragma once

#include "lmstress/request_record.hpp"
#include "support/child_process.hpp"

#include <boost/json/object.hpp>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// A real llama.cpp server, as tests/conformance/llama-server brings it, and what it counted.

namespace test {

/// llama-server on a free port; ends with the test.
class llama_server {
  public:
    explicit llama_server(const std::vector<std::string>& arguments);
    ~llama_server();
    llama_server(llama_server&&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    /// A counter of GET /metrics.
    [[nodiscard]] std::uint64_t counter(const std::string& name) const;
    /// Slots whose answer has more than one token.
    [[nodiscard]] std::size_t generating() const;
    [[nodiscard]] std::string version() const;
    /// SIGTERM, which it heeds when nobody waits for an answer.
    void ask_to_end() const { process_.signal(SIGTERM); }
    /// Waits five seconds for its end, and makes one then.
    void end_within_five_seconds();

  private:
    std::uint16_t port_;
    child_process process_;
    bool ended_ = false;
};

std::uint64_t sum(const std::vector<lmstress::request_record>& records,
                  std::optional<std::uint64_t> lmstress::request_record::* field);

/// The server's own counts, of all that it ever did, are those of the records.
void check_counts(const std::vector<lmstress::request_record>& records, const llama_server& server);

/// A level of a result's summary.json.
boost::json::object level_of(const std::filesystem::path& out, std::size_t index);

}  // namespace test
