// The routes that bring models onto the disk.

#include "sim/request_json.hpp"
#include "sim/server.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/object.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lmstress::sim {

namespace {

constexpr std::array<std::string_view, 2> download_keys = {"model", "quantization"};
constexpr double total_bytes = 2'279'145'003;
/// A download whose model is named so breaks off in its middle.
constexpr std::string_view ill_fated = "-broken";
/// And one named so is of no model that the hub knows.
constexpr std::string_view unknown = "-unknown";

double seconds_between(instant from, instant to) {
    return std::chrono::duration<double>(to - from).count();
}

/// "https://huggingface.co/owner/name" is "owner/name" on the disk.
std::string key_of(std::string_view model) {
    constexpr std::string_view hub = "https://huggingface.co/";
    if (model.starts_with(hub)) model.remove_prefix(hub.size());
    return std::string{model};
}

}  // namespace

/// The server knows no calendar: its first moment is the one of LM Studio's documentation.
std::string server::moment_text(instant at) const {
    constexpr std::int64_t first_ms = 1'759'505'603'496;  // 2025-10-03T15:33:23.496Z
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(at - start_).count();
    const std::int64_t ms = first_ms + since;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::time_t{ms / 1000}),
                       ms % 1000);
}

bool server::breaks_off(std::string_view model) const {
    return settings_.downloads_fail || model.ends_with(ill_fated);
}

void server::finish_downloads(instant now) {
    for (download& d : downloads_) {
        const bool done = seconds_between(d.begun, now) >= settings_.download_seconds;
        if (d.over || !done || breaks_off(d.model)) continue;
        d.over = true;
        models_.add({.key = d.model, .display_name = d.model, .publisher = "downloaded"});
    }
}

void server::start_download(const http_request& request, reply& to, instant now) {
    const auto body = parse_object(request.body);
    if (!body) return native_error(to, 400, "invalid_request", "Invalid JSON");
    if (refuse_unknown_keys(*body, download_keys, to)) return;
    const std::string model = key_of(string_in(*body, "model"));
    if (model.empty()) {
        return native_error(to, 400, "invalid_request", "\"model\" is required",
                            "missing_required_parameter", "model");
    }
    if (models_.find(model) != nullptr)
        return answer(to, 200, R"({"status":"already_downloaded"})");
    if (model.ends_with(unknown)) {
        return native_error(to, 404, "model_not_found", "Model " + model + " not found");
    }
    downloads_.push_back({fmt::format("job_{:010x}", downloads_.size() + 1), model, now});
    std::string text;
    wire::json_writer w{text, wire::json_writer::style::indented};
    w.begin_object().field("job_id", downloads_.back().id).field("status", "downloading");
    w.field("total_size_bytes", static_cast<std::uint64_t>(total_bytes));
    w.field("started_at", moment_text(now)).end_object();
    answer(to, 200, text);
}

void server::download_status(std::string_view job, reply& to, instant now) {
    const auto found = std::find_if(downloads_.begin(), downloads_.end(),
                                    [&](const download& d) { return d.id == job; });
    if (found == downloads_.end()) {
        return native_error(to, 404, "job_not_found", "Job " + std::string{job} + " not found");
    }
    const double whole = settings_.download_seconds;
    const double part = whole > 0 ? std::min(seconds_between(found->begun, now) / whole, 1.0) : 1.0;
    const bool failed = breaks_off(found->model) && part >= 0.5;
    const instant end =
        found->begun + nanoseconds{static_cast<std::int64_t>(settings_.download_seconds * 1e9)};
    std::string text;
    wire::json_writer w{text, wire::json_writer::style::indented};
    w.begin_object().field("job_id", found->id);
    w.field("status", failed ? "failed" : found->over ? "completed" : "downloading");
    w.field("total_size_bytes", static_cast<std::uint64_t>(total_bytes));
    w.field("downloaded_bytes", static_cast<std::uint64_t>(total_bytes * (failed ? 0.5 : part)));
    w.field("started_at", moment_text(found->begun));
    if (found->over) w.field("completed_at", moment_text(end));
    if (!failed && !found->over) {
        w.field("bytes_per_second", static_cast<std::uint64_t>(total_bytes / whole));
        w.field("estimated_completion", moment_text(end));
    }
    w.end_object();
    answer(to, 200, text);
}

}  // namespace lmstress::sim
