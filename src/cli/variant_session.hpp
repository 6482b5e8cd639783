#pragma once

#include "cli/server_session.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/sweep.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace lmstress::cli {

/// Whether the server can come to the variants: a command has a place for each value that differs,
/// and a value for each of its places. `url_given` as in place_own_server().
[[nodiscard]] result<void> check_variants(const scenario& s,
                                          const std::vector<server_variant>& variants,
                                          bool url_given);

/// What was in force of LM Studio's models before the sweep loaded them anew, as the server spells
/// it: what no variant sets is to stay as it was, and unloading forgets it.
struct kept_settings {
    std::map<std::string, boost::json::object> of_model;  ///< by their keys
    /// Keeps what is found, for whoever goes on with the sweep.
    std::function<result<void>(const std::string& model, const boost::json::object&)> note;
};

/// Opens the session with the server under a variant: started anew by the user's command, or its
/// model unloaded and loaded anew by LM Studio, and read back. `s` is a cell's scenario and takes
/// over what was found out. `url_given` as in place_own_server(). What the server loaded otherwise
/// than asked is a sentence on stderr. What comes back is that, a few words each, but for what a
/// run reads back by itself: it belongs to the cells that are measured then. What was in force
/// before is loaded again, and noted in `kept` where nobody has looked yet.
[[nodiscard]] result<std::vector<std::string>> open_variant(server_session& session, scenario& s,
                                                            const server_variant& v, bool url_given,
                                                            kept_settings& kept,
                                                            server_session::how how);

/// Has LM Studio unload every instance of the model. Errors are for the next request to meet.
[[nodiscard]] boost::asio::awaitable<void> unload_all(server::way to, std::string model);

}  // namespace lmstress::cli
