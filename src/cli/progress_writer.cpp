#include "cli/progress_writer.hpp"

#include "wire/json_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

namespace lmstress::cli {
namespace {

using measure::live_plan;
using measure::live_snapshot;

constexpr nanoseconds between_lines = std::chrono::seconds{1};
/// Before anything has begun.
constexpr nanoseconds between_looks = std::chrono::milliseconds{200};

double seconds(nanoseconds t) {
    return static_cast<double>(t.count()) / 1e9;
}

std::optional<double> milliseconds(const std::optional<measure::live_quantiles>& q,
                                   nanoseconds measure::live_quantiles::* of) {
    if (!q) return std::nullopt;
    return static_cast<double>(((*q).*of).count()) / 1e6;
}

std::string_view stage_of(const live_plan& p) {
    switch (p.at) {
        case live_plan::stage::loading:
            return "loading";
        case live_plan::stage::running:
            return "running";
        case live_plan::stage::draining:
            break;
    }
    return "draining";
}

/// Whoever reads it may be anywhere.
std::string absolute(const std::string& directory) {
    std::error_code ec;
    const auto whole = std::filesystem::absolute(directory, ec);
    return ec ? directory : whole.string();
}

bool is_measured(const live_snapshot& s) {
    return s.plan.window_begin && s.taken >= *s.plan.window_begin;
}

void write_phase(wire::json_writer& w, const live_snapshot& s) {
    const bool loads = s.plan.at == live_plan::stage::loading;
    w.field("stage", stage_of(s.plan)).key("phase");
    if (loads) {
        w.null();
    } else {
        w.value(is_measured(s) ? "measured" : "warmup");
    }
}

/// Until the window of this level ends; while it drains, until those in flight are cut.
std::optional<double> left_of(const live_snapshot& s) {
    const bool drains = s.plan.at == live_plan::stage::draining;
    const auto end = drains ? s.plan.drain_end : s.plan.window_end;
    if (!end) return std::nullopt;
    return seconds(std::max(*end - s.taken, nanoseconds{0}));
}

/// Tokens where the server has counted some of this run's, else events. Between two looks.
std::optional<double> rate_of(const live_snapshot& latest,
                              const std::optional<live_snapshot>& earlier) {
    if (!earlier || latest.taken <= earlier->taken) return std::nullopt;
    const auto events = static_cast<double>(latest.token_events - earlier->token_events);
    return events * latest.tokens_per_event.value_or(1) / seconds(latest.taken - earlier->taken);
}

}  // namespace

std::string progress_line(const std::string& run_id, const live_snapshot& latest,
                          const std::optional<live_snapshot>& earlier) {
    const live_plan& p = latest.plan;
    const auto& ttft =
        is_measured(latest) && latest.measured_ttft ? latest.measured_ttft : latest.warmup_ttft;
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("event", "progress").field("run_id", run_id);
    w.field("at_seconds", seconds(latest.taken));
    write_phase(w, latest);
    w.field("level", p.level).field("levels", p.levels);
    w.field("streams", p.rate ? std::nullopt : std::optional{p.streams}).field("rate", p.rate);
    w.field("level_seconds", seconds(latest.taken - p.begin))
        .field("left_seconds", left_of(latest));
    w.field("in_flight", latest.in_flight).field("requests", latest.measured_requests);
    w.field("wanted_requests", p.wanted_requests).field("errors", latest.errors);
    w.field("shed", latest.shed).field("tokens_per_second", rate_of(latest, earlier));
    w.field("tokens_are_events", !latest.tokens_per_event.has_value());
    w.field("ttft_p50_ms", milliseconds(ttft, &measure::live_quantiles::p50));
    w.field("ttft_p95_ms", milliseconds(ttft, &measure::live_quantiles::p95)).end_object();
    return out;
}

result<void> progress_writer::write_to(const std::string& file) {
    constexpr int how = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC;
    file_ = ::open(file.c_str(), how, 0644);
    if (file_ >= 0) return {};
    return error{errc::output, "--progress: cannot write " + file + ": " + std::strerror(errno)};
}

progress_writer::~progress_writer() {
    if (file_ >= 0) ::close(file_);
}

void progress_writer::write(std::string line) {
    line += '\n';
    // Of a pipe all or nothing, a line being shorter than what one takes at once (PIPE_BUF).
    for (const int to : {file_, record_ ? record_->descriptor() : -1}) {
        const ssize_t n = to < 0 ? 0 : ::write(to, line.data(), line.size());
        static_cast<void>(n);
    }
}

void progress_writer::begin(const run_setup& setup, const std::string& directory,
                            const std::string& model, std::size_t levels) {
    run_id_ = setup.id;
    std::string line;
    wire::json_writer{line}
        .begin_object()
        .field("event", "begin")
        .field("run_id", setup.id)
        .field("directory", absolute(directory))
        .field("model", model)
        .field("levels", levels)
        .end_object();
    write(std::move(line));
}

nanoseconds progress_writer::look(const measure::live_counters& counters, nanoseconds now) {
    if (now < next_) return next_;
    auto latest = counters.begun() ? counters.snapshot(now) : std::nullopt;
    next_ = now + (latest ? between_lines : between_looks);
    if (!latest) return next_;
    write(progress_line(run_id_, *latest, earlier_));
    earlier_ = std::move(latest);
    return next_;
}

void progress_writer::end(const run_setup& setup, int exit_code,
                          std::optional<std::int64_t> in_history) {
    std::string line;
    wire::json_writer{line}
        .begin_object()
        .field("event", "run_end")
        .field("run_id", setup.id)
        .field("exit_code", exit_code)
        .field("id", in_history)
        .end_object();
    write(std::move(line));
}

}  // namespace lmstress::cli
