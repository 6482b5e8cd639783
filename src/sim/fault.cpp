#include "sim/fault.hpp"

#include "wire/letters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace lmstress::sim {
namespace {

constexpr std::array table = {
    fault_row{fault::reset_before, "reset-before",
              "The connection is reset before any byte of the answer."},
    fault_row{fault::reset_mid, "reset-mid",
              "The connection is reset in the middle of the answer."},
    fault_row{fault::stall, "stall",
              "Half of the answer comes, then silence on an open connection."},
    fault_row{fault::truncate, "truncate",
              "The stream ends in good order, but without its end event."},
    fault_row{fault::malformed_frame, "malformed-frame",
              "The data of an event in the middle is no JSON."},
    fault_row{fault::spliced_frame, "spliced-frame",
              "Two events in the middle are run into each other."},
    fault_row{fault::drop_event, "drop-event", "An event of the answer is left out."},
    fault_row{fault::double_event, "double-event", "An event of the answer comes twice."},
    fault_row{fault::swap_events, "swap-events",
              "An event of the answer comes after the next one."},
    fault_row{fault::byte_by_byte, "byte-by-byte",
              "Each byte is a write of its own; the answer is fine."},
    fault_row{fault::coalesce, "coalesce",
              "Up to four events go out in one write; the answer is fine."},
    fault_row{fault::slow_headers, "slow-headers", "The head comes 3 s late; the answer is fine."},
    fault_row{fault::no_headers, "no-headers", "The request is taken, and never a byte comes."},
    fault_row{fault::status_401, "401", "The answer is a 401: no API token."},
    fault_row{fault::status_404, "404", "The answer is a 404: no such model."},
    fault_row{fault::status_429, "429", "The answer is a 429: too many requests."},
    fault_row{fault::status_500, "500", "The answer is a 500: the engine cannot be reached."},
    fault_row{fault::html_500, "html-500", "The answer is a 500 with the HTML page of Express."},
    fault_row{fault::ok_with_error, "ok-with-error",
              "The answer is a 200 with an error in JSON, not a stream."},
    fault_row{fault::error_first, "error-first", "The stream begins with an error event."},
    fault_row{fault::error_mid, "error-mid", "An error event comes in the middle of the answer."},
    fault_row{fault::crash, "crash", "The model crashes in the middle of the answer."},
    fault_row{fault::wrong_model, "wrong-model",
              "The answer names another model than the request."},
    fault_row{fault::oversized_event, "oversized-event", "An event in the middle is over 1 MiB."},
    fault_row{fault::slot_timeout, "slot-timeout",
              "After 120 s without a slot the answer is a 400."},
    fault_row{fault::prefill_goes_on, "prefill-goes-on",
              "The connection is reset in prefill, which goes on to its end."},
    fault_row{fault::empty_400, "empty-400", "The answer is a 400 without a body."},
    fault_row{fault::double_prefill_end, "double-prefill",
              "The end of prefill is told twice; the answer is fine."},
    fault_row{fault::bare_events, "bare-events",
              "Events without content have {} as data; the answer is fine."},
};

error no_such_fault(std::string_view name) {
    std::vector<std::string_view> names;
    for (const fault_row& row : table) names.push_back(row.name);
    const std::string_view near = wire::nearest(name, names);
    const std::string list = "lmstress sim --help lists them.";
    return {errc::usage, fmt::format("--fault: there is no fault \"{}\"", name),
            near.empty() ? list : fmt::format("Did you mean {}? {}", near, list)};
}

std::optional<double> parse_rate(std::string_view text) {
    double rate = 0;
    const auto [rest, ec] = std::from_chars(text.data(), text.data() + text.size(), rate);
    const bool whole = ec == std::errc{} && rest == text.data() + text.size();
    return whole && rate >= 0 && rate <= 1 ? std::optional{rate} : std::nullopt;
}

}  // namespace

std::span<const fault_row> fault_table() noexcept {
    return table;
}

std::string describe_faults() {
    std::string out;
    for (const fault_row& row : table) {
        fmt::format_to(std::back_inserter(out), "  {:<17}{}\n", row.name, row.does);
    }
    return out;
}

std::optional<instant> delay_of(fault kind, instant now) noexcept {
    constexpr nanoseconds late = std::chrono::seconds{3};
    // What LM Studio was seen to wait for a slot before it gave up.
    constexpr nanoseconds longest_wait_for_slot = std::chrono::seconds{120};
    if (kind == fault::slow_headers) return now + late;
    if (kind == fault::slot_timeout) return now + longest_wait_for_slot;
    if (kind == fault::no_headers) return instant::max();
    return std::nullopt;
}

result<fault_share> parse_fault(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view name = text.substr(0, colon);
    const auto row = std::find_if(table.begin(), table.end(),
                                  [&](const fault_row& known) { return known.name == name; });
    if (row == table.end()) return no_such_fault(name);
    if (colon == text.size()) return fault_share{row->kind};
    const auto rate = parse_rate(text.substr(colon + 1));
    if (rate) return fault_share{row->kind, *rate};
    return error{errc::usage, fmt::format("--fault {}: the rate is not a number from 0 to 1", text),
                 fmt::format("As in {}:0.1, a tenth of the chat requests.", name)};
}

result<std::vector<fault_share>> parse_faults(std::span<const std::string> texts) {
    std::vector<fault_share> shares;
    double sum = 0;
    for (const std::string& text : texts) {
        const auto share = parse_fault(text);
        if (!share) return share.error();
        shares.push_back(*share);
        sum += share->rate;
    }
    // Ten times 0.1 is meant to be all of them, whatever it adds up to in binary.
    if (sum <= 1 + 1e-9) return shares;
    return error{
        errc::usage,
        fmt::format("--fault: the rates add up to {:g}, which is more than all requests", sum),
        "A kind without a rate strikes every request: give it one, as in reset-mid:0.1."};
}

std::optional<fault> fault_plan::next() {
    if (shares_.empty()) return std::nullopt;
    return of(static_cast<double>(draws_() >> 11U) * 0x1.0p-53);
}

std::optional<fault> fault_plan::of(double draw) const {
    double end = 0;
    for (const fault_share& share : shares_) {
        end += share.rate;
        if (draw < end) return share.kind;
    }
    return std::nullopt;
}

}  // namespace lmstress::sim
