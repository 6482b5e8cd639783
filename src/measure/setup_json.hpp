#pragma once

#include "lmstress/summary.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::measure {

/// A server's settings as run.jsonl and summary.json have them: an object of
/// {"requested", "confirmed", "source"} for each.
void write(wire::json_writer& w, const server_settings& s);

}  // namespace lmstress::measure
