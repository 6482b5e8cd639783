#pragma once

#include "api/api.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/summary.hpp"
#include "net/stream.hpp"
#include "net/url.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace lmstress::server {

/// A setting that the server could not be asked for.
struct unset_setting {
    std::string name;  ///< as in the scenario: "unified_kv"
    std::string why;   ///< the end of a sentence
};

/// What a server says of itself before any load.
struct identity {
    /// That carry the load, in the order in which they were named; one at least.
    std::vector<const api::api*> apis = {};
    std::string model;     ///< that requests will name
    std::string instance;  ///< of it in memory, where LM Studio's own list names one
    bool llama_cpp = false;
    bool native = false;      ///< it answers to LM Studio's own API
    bool cold = false;        ///< the server lists the model, and no instance of it in memory
    server_facts facts = {};  ///< what it says it is, where it was asked (read_facts)
    std::optional<model_facts> about_model = {};  ///< what LM Studio's own list says of it
    server_settings settings;               ///< as far as it tells: `confirmed` and its source
    std::string models;                     ///< that the server lists, for a sentence
    std::vector<std::string> warnings;      ///< sentences for the user
    std::vector<unset_setting> unset = {};  ///< of what was wished, where no command starts it
};

/// Asks the server which API it speaks and which model it has, for what the target leaves open. Of
/// several APIs it must have the routes of all.
[[nodiscard]] boost::asio::awaitable<result<identity>> identify(clock& time,
                                                                net::transport& transport,
                                                                const net::endpoint& at,
                                                                const target_settings& target);

}  // namespace lmstress::server
