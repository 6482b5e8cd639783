#include "report/first_failure.hpp"

#include "report/printable.hpp"
#include "wire/letters.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::report {
namespace {

constexpr std::size_t most_of_a_body = 4096;

/// The head with *** as the value of those fields.
std::string without_values(std::string_view head, std::span<const std::string> fields) {
    std::string out;
    while (!head.empty()) {
        const std::size_t end = std::min(head.find('\n'), head.size() - 1) + 1;
        const std::string_view line = head.substr(0, end);
        const std::string_view name = line.substr(0, line.find(':'));
        const bool secret = std::any_of(fields.begin(), fields.end(), [&](const std::string& f) {
            return wire::same_letters(name, f);
        });
        out += secret ? std::string{name} + ": ***\r\n" : std::string{line};
        head.remove_prefix(end);
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
    if (body.size() > most_of_a_body) out += "\n[there was more]";
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
                          const wire::secrets& secrets,
                          std::span<const std::string> secret_fields) {
    const request_error error = record.error.value_or(request_error{});
    std::string out = "The first request that failed\n\n" + what_failed(record) + '\n';
    if (!error.message.empty()) out += readable(secrets.hidden_in(error.message)) + '\n';
    out += "\n--- sent ---\n" +
           readable(secrets.hidden_in(without_values(text.request_head, secret_fields)));
    out += beginning(secrets.hidden_in(text.request_body));
    out += "\n--- received ---\n";
    if (text.answer.empty()) return out + "nothing\n";
    const std::string answer = secrets.hidden_in(text.answer);
    const std::size_t head_end = answer.find("\r\n\r\n");
    const std::size_t body = head_end == std::string::npos ? 0 : head_end + 4;
    return out + readable(answer.substr(0, body)) + beginning(answer.substr(body));
}

}  // namespace lmstress::report
