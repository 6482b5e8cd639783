#pragma once

#include "lmstress/request_record.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace test {

/// What the simulator really did with a request, times by CLOCK_MONOTONIC.
struct true_request {
    std::int64_t kernel_ns = 0;        ///< its last byte arrived
    std::vector<std::int64_t> tokens;  ///< just before each token's send
};

/// The truth log, by request id.
std::map<std::string, true_request> read_truth(const std::filesystem::path& file);

/// The records of a result's journal.
std::vector<lmstress::request_record> read_records(const std::filesystem::path& directory);

/// The value with at least that share of the sample at or below it.
double quantile(std::vector<double> sample, double p);

/// How far the measured figures of a result are from the truth.
struct error_of_measurement {
    std::size_t requests = 0;
    std::size_t gaps = 0;
    double true_ttft_p50_ms = 0, true_ttft_p95_ms = 0;
    double ttft_p50_ms = 0, ttft_p95_ms = 0;
    double true_gap_p50_ms = 0, true_gap_p95_ms = 0;
    double gap_p50_ms = 0, gap_p95_ms = 0;
    double ttft_error_p99_us = 0;  ///< of |measured - true|, request by request
    double gap_error_p99_us = 0;   ///< gap by gap
};
/// Over the measured requests; `--events` must have been given.
error_of_measurement compare(const std::vector<lmstress::request_record>& records,
                             const std::map<std::string, true_request>& truth);

}  // namespace test
