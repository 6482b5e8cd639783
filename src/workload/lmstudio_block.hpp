#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "workload/scenario_json.hpp"

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>

namespace lmstress::workload {

inline constexpr std::string_view lmstudio_text =
    "the server, as configurations of other LM Studio benchmarks name it: host, ports (tried in "
    "this order), api_token, use_rest_api; where it is there, members that are nothing of lmstress "
    "are ignored";

/// Takes over the `lmstudio` block of `whole`, where it has one: `host` and `ports` are the
/// addresses to try in order, an empty `api_token` is none, and without `use_rest_api` the load
/// goes over the socket of LM Studio's SDK. Takes the block out of `whole`, and with it whatever is
/// no section of a scenario: that is what another program's configuration holds besides.
[[nodiscard]] result<void> take_lmstudio_block(boost::json::object& whole, const std::string& file,
                                               scenario& into, reading& about);

}  // namespace lmstress::workload
