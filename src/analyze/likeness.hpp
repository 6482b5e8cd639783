#pragma once

#include "analyze/measured_level.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lmstress::analyze {

/// What two results differ in.
struct unlikeness {
    /// The work itself is another one (prompts, lengths, model, API, streams), so that a difference
    /// of figures says nothing of the server: a sentence each.
    std::vector<std::string> other_work;
    /// What may well be the question: server, settings, version.
    std::vector<std::string> other_server;
};

/// Of two runs, by their scenarios as in effect (run_setup::scenario_json) and by what the files
/// held that their requests were made of (run_setup::file_hashes): where both say that, what
/// decides is the bytes and not where they lay.
[[nodiscard]] unlikeness unlikeness_of(const run_setup& a, const run_setup& b);
/// The same of two that are yet to run: an API or a model that one of them leaves to the server to
/// name is no difference yet.
[[nodiscard]] unlikeness unlikeness_of_plans(const run_setup& a, const run_setup& b);

/// Of two levels that are to be compared, by what they turned out to be: who answered, and the
/// settings that the server had. A setting that is known to differ is no longer said to have been
/// asked for differently, and nothing is said twice.
void add_unlikeness(const level_summary& a, const level_summary& b, unlikeness& to);
/// The same by how long their prompts and answers were: alike within 2 %, or within what requests
/// that are drawn from the same ones differ by.
void add_unlike_lengths(const measured_level& a, const measured_level& b, unlikeness& to);

}  // namespace lmstress::analyze
