#pragma once

#include "lmstress/summary.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::measure {

/// A server's settings as run.jsonl and summary.json have them: an object of
/// {"requested", "confirmed", "source"} for each.
void write(wire::json_writer& w, const server_settings& s);

/// "server": what the server said of itself; nothing where it did not.
void write(wire::json_writer& w, const server_facts& f);

/// "model": what the server's list said of the model.
void write(wire::json_writer& w, const model_facts& m);

/// "left_out": what of the scenario was, as a list of words; nothing where nothing was.
void write_left_out(wire::json_writer& w, const level_setup& s);

/// "calibration": how long made-up prompts were found to be; nothing where it was not looked for.
void write_calibration(wire::json_writer& w, const level_setup& s);

/// "merged": the results that it was made of, as a list; nothing for any other result.
void write_parts(wire::json_writer& w, const run_setup& s);

/// "file_hashes": what the files held that the requests were made of, by where the scenario names
/// them; nothing where it names none.
void write_file_hashes(wire::json_writer& w, const run_setup& s);

/// A self-check's figures as run.jsonl, summary.json and selfcheck.json have them: an object.
void write(wire::json_writer& w, const selfcheck_note& n);
/// The same without its braces, where it is part of a larger object.
void write_members(wire::json_writer& w, const selfcheck_note& n);

/// "model_info" and "runtime", as LM Studio's v0 names them, with what an answer said.
void write(wire::json_writer& w, const engine_facts& e);
/// "draft": {"total", "accepted", "rejected", "ignored", "model"}
void write(wire::json_writer& w, const draft_counts& d);

}  // namespace lmstress::measure
