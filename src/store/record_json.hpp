#pragma once

#include "lmstress/error.hpp"
#include "lmstress/request_record.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>

namespace lmstress::store {

/// A line of requests.jsonl, its line feed included (docs/results.md).
[[nodiscard]] std::string to_line(const request_record& record);
/// The reverse: every field of the record comes back as it was.
[[nodiscard]] result<request_record> record_of_line(std::string_view line);

/// A histogram as {"count", "sum_ns", "min_ns", "max_ns", "overflow", "cells": [index, count,
/// ...]}.
void write(wire::json_writer& w, const sparse_histogram& h);
[[nodiscard]] sparse_histogram histogram_of(const boost::json::value& v);

}  // namespace lmstress::store
