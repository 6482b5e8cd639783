#pragma once

#include "analyze/own_error.hpp"
#include "lmstress/request_record.hpp"

#include <filesystem>
#include <vector>

namespace test {

/// The records of a result's journal.
std::vector<lmstress::request_record> read_records(const std::filesystem::path& directory);

/// How far the measured requests are from a truth log; `--events` must have been given. Throws
/// where one of them has other events than were sent.
lmstress::analyze::own_error compare(const std::vector<lmstress::request_record>& records,
                                     const std::filesystem::path& truth_log);

}  // namespace test
