#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"

#include <functional>
#include <string>
#include <utility>

namespace lmstress::cli {

/// The model that the server answers with where nobody names one, asked before anything is loaded
/// or unloaded: later another one may be in memory. Empty where the scenario names one, or starts a
/// server of its own, which has its own.
[[nodiscard]] result<std::string> meant_model(const scenario& s);

/// The journal that `open` opens, knowing the model that is meant. Where it begins the server is
/// asked first: without one there is nothing to go on with. Where it goes on it knows already.
template <class Journal>
result<Journal> open_with_model(const scenario& s, bool resume,
                                const std::function<result<Journal>()>& open) {
    result<std::string> model{std::string{}};
    if (!resume) model = meant_model(s);
    if (!model) return model.error();
    auto journal = open();
    if (!journal) return journal;
    if (resume && journal->model().empty()) model = meant_model(s);
    if (!model) return model.error();
    if (model->empty()) return journal;
    const auto kept = journal->mean_model(*std::move(model));
    if (!kept) return kept.error();
    return journal;
}

}  // namespace lmstress::cli
