#include "dashboard/live_runs.hpp"

#include "dashboard/data_api.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

namespace lmstress::dashboard {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds between_looks{500};
constexpr std::size_t most_runs = 50;
constexpr std::size_t longest_line = 64UL * 1024;

/// As lmstress makes run ids.
bool is_run_id(std::string_view name) {
    return name.size() == 10 && name.find_first_not_of("0123456789abcdef") == name.npos;
}

}  // namespace

/// One record, read as it grows.
class live_runs::record {
  public:
    explicit record(int file) : file_(file) {}
    record(record&&) = delete;
    ~record() { ::close(file_); }

    /// Nothing where the file is none of ours.
    static std::shared_ptr<record> open(const fs::path& path) {
        const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (file < 0) return nullptr;
        auto made = std::make_shared<record>(file);
        struct stat about{};
        if (::fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) return nullptr;
        made->began_unix_ms_ = std::int64_t{about.st_mtim.tv_sec} * 1000;
        return made;
    }

    /// Whether its run has not let it go.
    [[nodiscard]] bool is_held() const {
        if (::flock(file_, LOCK_SH | LOCK_NB) != 0) return true;
        ::flock(file_, LOCK_UN);
        return false;
    }

    /// What was written since; of the first line it learns whose it is.
    void read() {
        std::array<char, 16'384> buffer;
        for (;;) {
            const ssize_t n = ::pread(file_, buffer.data(), buffer.size(), at_);
            if (n <= 0) return;
            at_ += n;
            take({buffer.data(), static_cast<std::size_t>(n)});
        }
    }

    [[nodiscard]] job_log* log() const { return log_.get(); }
    [[nodiscard]] const std::string& directory() const { return directory_; }
    [[nodiscard]] std::optional<int> exit_code() const { return exit_code_; }

  private:
    void take(std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t end = bytes.find('\n');
            if (rest_.size() < longest_line) rest_ += bytes.substr(0, end);
            if (end == std::string_view::npos) return;
            line(std::exchange(rest_, {}));
            bytes.remove_prefix(end + 1);
        }
    }

    void line(const std::string& text) {
        json::error_code ec;
        const json::value v = json::parse(text, ec);
        const json::object* o = ec ? nullptr : v.if_object();
        if (o == nullptr) return;
        const auto said = [&](const char* key) {
            const json::value* value = o->if_contains(key);
            return value != nullptr && value->is_string()
                       ? std::string{std::string_view{value->get_string()}}
                       : std::string{};
        };
        if (log_ == nullptr) {
            directory_ = said("directory");
            log_ = std::make_shared<job_log>(
                job_log::about{.scenario = said("model").empty() ? "a run" : said("model"),
                               .command = "run",
                               .started_unix_ms = began_unix_ms_,
                               .directory = directory_,
                               .run_id = said("run_id")});
        }
        log_->progress(text);
        const json::value* code = o->if_contains("exit_code");
        if (code != nullptr && code->is_int64()) exit_code_ = static_cast<int>(code->get_int64());
    }

    int file_;
    off_t at_ = 0;
    std::int64_t began_unix_ms_ = 0;
    std::string rest_;
    std::string directory_;
    std::optional<int> exit_code_;
    std::shared_ptr<job_log> log_;  // null before its first line
};

live_runs::live_runs(boost::asio::io_context& context, settings s)
    : settings_(std::move(s)), later_(context) {}

bool live_runs::owns(std::string_view path) {
    return path == "/api/live" || path.starts_with("/api/live/");
}

http_answer live_runs::answer(const http_request& r) {
    if (r.method == "POST") return refusal(405, "a run of another terminal is only looked at");
    look_again();
    if (r.path == "/api/live") {
        std::string body = "{\"runs\":[";
        for (const auto& [id, run] : runs_) {
            if (run->log() == nullptr || run->log()->has_ended()) continue;
            body += (body.back() == '[' ? "" : ",") + run->log()->json();
        }
        return json_answer(body + "]}");
    }
    std::string_view rest = r.path;
    rest.remove_prefix(std::string_view{"/api/live/"}.size());
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const auto found = runs_.find(std::string{rest.substr(0, end)});
    if (found == runs_.end() || found->second->log() == nullptr) {
        return refusal(404, "no such run goes on here", "One that is over is in the history.");
    }
    job_log& log = *found->second->log();
    if (rest.substr(end).empty()) return json_answer(log.json());
    if (rest.substr(end) != "/events") return refusal(404, "a run is read or followed");
    http_answer a{.content_type = "text/event-stream"};
    a.events = log.follow(seen_before(r));
    return a;
}

bool live_runs::any() {
    look_again();
    return std::any_of(runs_.begin(), runs_.end(), [](const auto& one) {
        return one.second->log() != nullptr && !one.second->log()->has_ended();
    });
}

void live_runs::look_again() {
    find_new();
    read_all();
    read_later();
}

void live_runs::find_new() {
    std::error_code ec;
    for (fs::directory_iterator at{settings_.folder, ec}, end; !ec && at != end; at.increment(ec)) {
        const std::string id = at->path().stem().string();
        if (at->path().extension() != ".jsonl" || !is_run_id(id)) continue;
        if (runs_.count(id) != 0) continue;
        if (runs_.size() >= most_runs) {
            // Those that are over are in the history.
            std::erase_if(runs_, [](const auto& one) {
                return one.second->log() != nullptr && one.second->log()->has_ended();
            });
        }
        if (runs_.size() >= most_runs) return;
        if (auto found = record::open(at->path())) runs_.emplace(id, std::move(found));
    }
}

void live_runs::read_all() {
    std::vector<std::string> gone;
    for (const auto& [id, run] : runs_) {
        if (run->log() != nullptr && run->log()->has_ended()) continue;
        // Asked first: what it writes before it lets go is read then.
        const bool held = run->is_held();
        run->read();
        const bool ours = run->log() != nullptr && settings_.is_own(run->directory());
        if (!held && !ours && run->log() != nullptr) over(*run, *run->log());
        // One without a line may be that of a run which is about to lock it.
        if (!held && run->log() != nullptr) {
            std::error_code ignored;
            fs::remove(settings_.folder / (id + ".jsonl"), ignored);
        }
        if (ours || (!held && run->log() == nullptr)) gone.push_back(id);
    }
    for (const std::string& id : gone) runs_.erase(id);
}

void live_runs::over(const record& r, job_log& log) {
    constexpr int killed = 137;
    if (!log.has_runs() && settings_.salvage) log.add_runs(settings_.salvage(r.directory()));
    log.end(r.exit_code().value_or(killed), unix_ms());
}

void live_runs::read_later() {
    const bool going = std::any_of(runs_.begin(), runs_.end(), [](const auto& one) {
        return one.second->log() == nullptr || !one.second->log()->has_ended();
    });
    if (!going || std::exchange(waits_, true)) return;
    later_.expires_after(between_looks);
    later_.async_wait([this](const boost::system::error_code& ec) {
        waits_ = false;
        if (ec) return;
        read_all();
        read_later();
    });
}

}  // namespace lmstress::dashboard
