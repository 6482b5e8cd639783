#pragma once

#include "support/child_process.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

// Clients that others wrote, against the simulator: what they made of its answers, and what its
// engine made of them.

namespace test {

/// What the engine made of each request, by its id.
using answers = std::map<std::string, boost::json::object>;

/// A simulator that is quick, and what clients made of its answers.
class talk {
  public:
    explicit talk(std::vector<std::string> arguments = {});

    /// One object for each of `count` requests; nothing where there are no clients here.
    std::optional<boost::json::array> with(const std::string& client, const std::string& what,
                                           std::size_t count = 1,
                                           const std::string& model = known_model,
                                           const std::string& token = "none");
    /// Ends the simulator.
    answers truth();
    /// The same, in the order in which the requests came.
    std::vector<boost::json::object> truth_in_order();

    static constexpr const char* known_model = "qwen/qwen3-4b";

  private:
    [[nodiscard]] std::vector<std::string> quick(std::vector<std::string> arguments) const;

    temporary_directory directory_;
    std::filesystem::path log_;
    simulator sim_;
};

/// What differs between a client's view of an answer and the truth; empty where nothing does.
[[nodiscard]] std::string difference(const std::string& client, const boost::json::object& seen,
                                     const boost::json::object* truth);
/// The truth of what a client has seen, or null.
[[nodiscard]] const boost::json::object* find(const answers& truth,
                                              const boost::json::object& seen);

}  // namespace test
