#pragma once

#include "lmstress/request_record.hpp"
#include "wire/secrets.hpp"

#include <span>
#include <string>
#include <string_view>

namespace lmstress::report {

/// A failed exchange, as it went over the wire.
struct exchange_text {
    std::string_view request_head;
    std::string_view request_body;
    std::string_view answer;  ///< head and body; empty: nothing came
};

/// The text of first-failure.txt: what was sent and what came, head and 4 KB of body of each. Every
/// occurrence of a secret is hidden, in an answer that repeats it too, and so is the value of each
/// of `secret_fields` in the request's head, however short.
[[nodiscard]] std::string first_failure(const request_record& record, const exchange_text& text,
                                        const wire::secrets& secrets,
                                        std::span<const std::string> secret_fields);

}  // namespace lmstress::report
