#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"
#include "lmstress/truth.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace lmstress::analyze {

/// How far a client's figures are from what the server really did.
struct own_error {
    std::uint64_t requests = 0;  ///< whose first token came
    std::uint64_t gaps = 0;
    /// Requests whose events are not those that were sent: more, or fewer though it completed, or
    /// the server knows nothing of it.
    std::uint64_t strange = 0;
    std::optional<distribution> ttft_ms;
    std::optional<distribution> true_ttft_ms;
    std::optional<distribution> ttft_error_ms;  ///< measured less true, request by request
    std::optional<distribution> gap_ms;
    std::optional<distribution> true_gap_ms;
    std::optional<distribution> gap_error_ms;  ///< without its sign, gap by gap
    double events_per_second = 0;  ///< while the true tokens lasted, first to last, of all requests
};

/// Compares requests with the truth, one by one: of each event that arrived the time that the
/// record kept (--events) with that just before its send.
///
/// The truth of a TTFT begins when the server's kernel had the last byte of the request; what
/// passed between our first byte and then is the client's, and part of its error.
class own_error_fold {
  public:
    /// A request that was sent again is left out: which of its tries the server means is not known.
    void add(const request_record& record, const truth_by_request& truth);
    [[nodiscard]] own_error result() const;

  private:
    void add_gaps(const request_record& record, const true_request& t);

    std::vector<double> ttft_;
    std::vector<double> true_ttft_;
    std::vector<double> ttft_error_;
    std::vector<double> gaps_;
    std::vector<double> true_gaps_;
    std::vector<double> gap_error_;
    std::uint64_t strange_ = 0;
    std::uint64_t tokens_ = 0;
    std::optional<std::int64_t> first_ns_;
    std::int64_t last_ns_ = 0;
};

}  // namespace lmstress::analyze
