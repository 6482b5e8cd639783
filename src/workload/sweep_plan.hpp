#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/sweep.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lmstress::workload {

/// A setting's name for a sentence: a value that is a text has double quotes of its own.
[[nodiscard]] std::string quoted_name(const server_variant& v);

/// The flag that chooses among the models, "--only-vision"; empty where none does.
[[nodiscard]] std::string choice_of_models(const sweep_settings& s);

/// The cells of a sweep: every setting of the server with every load, as often as the scenario
/// wants it. `models` are those that its word `all` stands for. An error where nothing is to be
/// gone over, where a value is none of its setting or stands there twice, and where something that
/// was asked for would have no effect.
[[nodiscard]] result<sweep_plan> plan_sweep(const scenario& s,
                                            const std::vector<std::string>& models);

/// The scenario of a cell: an ordinary run of one level, under that setting of the server.
[[nodiscard]] scenario scenario_of(const scenario& s, const sweep_plan& plan,
                                   const sweep_cell& cell);

/// How long the runs take, warm-ups included and without what requests in flight at the end of a
/// window take; nothing where a number of requests ends their windows.
[[nodiscard]] std::optional<nanoseconds> length_of(const scenario& s, const sweep_plan& plan);

/// How often the server comes to another setting.
[[nodiscard]] std::size_t changes_of(const sweep_plan& plan);

}  // namespace lmstress::workload
