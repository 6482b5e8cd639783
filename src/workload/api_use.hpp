#pragma once

#include "api/request_fields.hpp"
#include "workload/history.hpp"

#include <span>
#include <string>
#include <vector>

namespace lmstress::workload {

/// How a scenario goes over one API.
struct api_use {
    api::field_texts fields;  ///< of the scenario's request, those that the API has
    conversation::history history = conversation::history::resent;
    /// What of the scenario the API has no way to express, in words for a list ("min_p", "the
    /// system prompt"): its requests go without. Empty unless the scenario allows that.
    std::vector<std::string> left_out;
};

/// How a scenario goes over each of these APIs. One error names all that any of them has no way to
/// express, where the scenario does not allow to leave it out (request.allow_missing). What no API
/// has (a misspelled field) and what a turn is nothing without (the results of tools) is an error
/// in any case.
[[nodiscard]] result<std::vector<api_use>> uses_of(const scenario& s,
                                                   const conversation_needs& needs,
                                                   std::span<const api::api* const> apis);

}  // namespace lmstress::workload
