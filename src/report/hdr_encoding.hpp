#pragma once

#include "lmstress/histogram.hpp"

#include <string>

namespace lmstress::report {

/// The histogram as HdrHistogram's Java reference encodes one of microseconds (V2: zigzag LEB128 of
/// the counts, runs of zeros as negative numbers): cookie, header and payload, in network order.
[[nodiscard]] std::string hdr_encoded(const dense_histogram& h);

/// The same, compressed by zlib behind its own cookie and length, in base64: a field of its logs.
[[nodiscard]] std::string hdr_compressed(const dense_histogram& h);

/// The greatest value of its cells, in microseconds; 0 for an empty one.
[[nodiscard]] double hdr_maximum_us(const dense_histogram& h);

}  // namespace lmstress::report
