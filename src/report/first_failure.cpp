#include "report/first_failure.hpp"

#include "report/printable.hpp"

#include <fmt/format.h>

namespace lmstress::report {
namespace {

constexpr std::size_t most_of_a_body = 4096;

std::string hidden(std::string_view text, std::span<const std::string> secrets) {
    std::string out{text};
    for (const std::string& secret : secrets) {
        if (secret.empty()) continue;
        for (std::size_t at = 0; (at = out.find(secret, at)) != std::string::npos; at += 3) {
            out.replace(at, secret.size(), "***");
        }
    }
    return out;
}

/// Without its carriage returns, and without what a terminal would obey.
std::string readable(std::string_view text) {
    std::string out{text};
    std::erase(out, '\r');
    return printable_lines(out);
}

std::string beginning(std::string_view body) {
    std::string out = readable(body.substr(0, most_of_a_body));
    if (body.size() > most_of_a_body) {
        out += fmt::format("\n[{} bytes more]", body.size() - most_of_a_body);
    }
    return out + '\n';
}

std::string what_failed(const request_record& r) {
    const request_error error = r.error.value_or(request_error{});
    const std::string_view kind = error.timed_out_in ? to_string(*error.timed_out_in)
                                  : error.kind       ? to_string(*error.kind)
                                                     : "";
    std::string out = fmt::format("{} {}: {}", r.request_id, to_string(r.ended), kind);
    if (error.http_status != 0) out += fmt::format(", HTTP {}", error.http_status);
    const auto sent = r.moments.get(moment::send_start);
    const auto end = r.moments.get(moment::end);
    if (sent && end) {
        out += fmt::format(", {:.1f} ms after its send",
                           static_cast<double>((*end - *sent).count()) / 1e6);
    }
    return out;
}

}  // namespace

std::string first_failure(const request_record& record, const exchange_text& text,
                          std::span<const std::string> secrets) {
    const request_error error = record.error.value_or(request_error{});
    std::string out = "The first request that failed\n\n" + what_failed(record) + '\n';
    if (!error.message.empty()) out += readable(hidden(error.message, secrets)) + '\n';
    out += "\n--- sent ---\n" + readable(hidden(text.request_head, secrets));
    out += beginning(hidden(text.request_body, secrets));
    out += "\n--- received ---\n";
    if (text.answer.empty()) return out + "nothing\n";
    const std::string answer = hidden(text.answer, secrets);
    const std::size_t head_end = answer.find("\r\n\r\n");
    const std::size_t body = head_end == std::string::npos ? 0 : head_end + 4;
    return out + readable(answer.substr(0, body)) + beginning(answer.substr(body));
}

}  // namespace lmstress::report
