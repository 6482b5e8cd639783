#pragma once

#include "lmstress/server_facts.hpp"
#include "server/way.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

namespace lmstress::server {

/// What kind of server answers there, in which version and, where LM Studio's SDK tells, on which
/// machine. What is not answered within a few seconds stays empty.
[[nodiscard]] boost::asio::awaitable<server_facts> read_facts(way to);

/// Takes over what the SDK's runtime/surveyHardware returned
/// (lms-shared-types/src/RuntimeHardwareSurvey.ts).
void take_survey(const boost::json::value& survey, server_facts& into);

}  // namespace lmstress::server
