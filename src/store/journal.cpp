#include "store/journal.hpp"

#include "store/record_json.hpp"
#include "store/run_json.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <pthread.h>
#include <sched.h>

namespace lmstress::store {

namespace fs = std::filesystem;

namespace {

error cannot_write(const fs::path& path, std::string_view why) {
    return {errc::output, "cannot write " + path.string() + ": " + std::string{why}};
}

/// errno, or 0.
int write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(file, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return 0;
}

int open_new(const fs::path& path) {
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
}

constexpr std::size_t largest_write = 256UL * 1024;
/// Lines of so long go out together: to wake another thread for each would cost the one that
/// measures more than the line does.
constexpr std::chrono::milliseconds gathers{5};

/// Where the thread that measures and this one share a core, a line that is handed over must not
/// interrupt what is being measured: it waits until that thread does.
void yield_to_others() noexcept {
#ifdef __linux__
    const sched_param none{};
    pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
#endif
}

error cannot_make(const fs::path& directory, const std::string& why) {
    return {errc::output, "cannot make the directory " + directory.string() + ": " + why,
            "Name another place for the results with --out."};
}

}  // namespace

result<void> check_parent_of(const fs::path& directory) {
    std::error_code ec;
    if (fs::is_symlink(directory, ec)) return cannot_make(directory, "it is a link to nowhere");
    fs::path parent = fs::absolute(directory, ec).parent_path();
    while (!fs::exists(parent, ec) && parent != parent.parent_path()) parent = parent.parent_path();
    if (!fs::is_directory(parent, ec)) {
        return cannot_make(directory, parent.string() + " is no directory");
    }
    constexpr std::size_t longest_name = 255;
    if (directory.filename().string().size() > longest_name) {
        return cannot_make(directory, "its name is too long");
    }
    if (::access(parent.c_str(), W_OK) == 0) return {};
    return cannot_make(directory, std::strerror(errno));
}

result<void> check_directory(const fs::path& directory) {
    std::error_code ec;
    if (!fs::exists(directory, ec)) return check_parent_of(directory);
    if (fs::exists(directory / "requests.jsonl", ec) ||
        fs::exists(directory / "summary.json", ec)) {
        return error{errc::usage, directory.string() + " holds a result already",
                     "Name another directory with --out; a result is never written over."};
    }
    if (!fs::is_directory(directory, ec)) {
        return error{errc::usage, directory.string() + " is no directory"};
    }
    if (!fs::is_empty(directory, ec) || ec) {
        return error{errc::usage, directory.string() + " is not empty",
                     "Name a directory that is missing or empty with --out."};
    }
    return {};
}

result<void> prepare_directory(const fs::path& directory) {
    const auto checked = check_directory(directory);
    if (!checked) return checked;
    std::error_code ec;
    fs::create_directories(directory, ec);
    if (ec) return cannot_make(directory, ec.message());
    return {};
}

/// A pipe or a device takes what it is given and stays what it is.
result<void> write_into(const fs::path& path, const std::string& content) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return cannot_write(path, std::strerror(errno));
    const int failed = write_all(file, content);
    ::close(file);
    return failed == 0 ? result<void>{} : cannot_write(path, std::strerror(failed));
}

result<void> write_file(const fs::path& name, const std::string& content) {
    std::error_code ec;
    const fs::file_status there = fs::status(name, ec);
    if (fs::exists(there) && !fs::is_regular_file(there)) return write_into(name, content);
    // A link stays one: what it leads to is written.
    const fs::path path =
        fs::is_symlink(name, ec) && fs::exists(there) ? fs::canonical(name, ec) : name;
    const fs::path beside = path.string() + ".new";
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return cannot_write(beside, std::strerror(errno));
    int failed = write_all(file, content);
    if (failed == 0 && ::fsync(file) != 0) failed = errno;
    ::close(file);
    if (failed == 0 && ::rename(beside.c_str(), path.c_str()) != 0) failed = errno;
    if (failed == 0) return {};
    ::unlink(beside.c_str());
    return cannot_write(path, std::strerror(failed));
}

result<std::string> read_file(const fs::path& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        return error{errc::bad_file, path.string() + " is a directory, not a file"};
    }
    std::ifstream in{path, std::ios::binary};
    if (!in)
        return error{errc::bad_file, "cannot read " + path.string() + ": " + std::strerror(errno)};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
}

journal::journal(int requests, int notes, fs::path directory)
    : requests_(requests),
      notes_(notes),
      directory_(std::move(directory)),
      writer_([this](const std::stop_token& stop) { write_lines(stop); }) {}

journal::~journal() {
    writer_.request_stop();
    writer_.join();
    ::close(requests_);
    ::close(notes_);
}

result<std::unique_ptr<journal>> journal::open(const fs::path& directory) {
    const int requests = open_new(directory / "requests.jsonl");
    if (requests < 0) return cannot_write(directory / "requests.jsonl", std::strerror(errno));
    const int notes = open_new(directory / "run.jsonl");
    if (notes < 0) {
        const int why = errno;
        ::close(requests);
        return cannot_write(directory / "run.jsonl", std::strerror(why));
    }
    return std::unique_ptr<journal>{new journal{requests, notes, directory}};
}

void journal::run(const run_setup& setup) {
    hand_over(notes_, run_line(setup));
}
void journal::level_begin(const level_setup& setup, const level_course& planned) {
    hand_over(notes_, level_begin_line(setup, planned));
}
void journal::request(const request_record& record) {
    hand_over(requests_, to_line(record));
}
void journal::level_end(const level_setup& setup, const level_course& course) {
    hand_over(notes_, level_end_line(setup, course));
}
void journal::state(const server_state& s) {
    hand_over(notes_, server_state_line(s));
}

void journal::run_end(int exit_code, const std::string& ended_early) {
    hand_over(notes_, run_end_line(exit_code, ended_early));
}

void journal::hand_over(int file, std::string text) {
    bool idle = false;
    {
        const std::lock_guard lock{mutex_};
        // A writer that has something to do looks again when it has done that.
        idle = waiting_.empty() && !writing_;
        const bool follows = !waiting_.empty() && waiting_.back().file == file &&
                             waiting_.back().text.size() < largest_write;
        if (follows) {
            waiting_.back().text += text;
        } else {
            waiting_.push_back({file, std::move(text)});
        }
    }
    if (idle) changed_.notify_all();
}

int journal::write_all_of(const std::deque<lines>& batch) {
    for (const lines& l : batch) {
        if (const int why = write_all(l.file, l.text); why != 0) return why;
    }
    return 0;
}

void journal::write_lines(const std::stop_token& stop) {
    yield_to_others();
    std::unique_lock lock{mutex_};
    while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); }), !waiting_.empty()) {
        changed_.wait_for(lock, stop, gathers, [this] { return flushing_; });
        const std::deque<lines> batch = std::exchange(waiting_, {});
        writing_ = true;
        const bool go_on = !failed_;
        lock.unlock();
        const int why = go_on ? write_all_of(batch) : 0;
        lock.lock();
        writing_ = false;
        if (why != 0) failed_ = cannot_write(directory_, std::strerror(why));
        changed_.notify_all();
    }
}

result<void> journal::flush() {
    std::unique_lock lock{mutex_};
    flushing_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return waiting_.empty() && !writing_; });
    flushing_ = false;
    if (failed_) return *failed_;
    return {};
}

}  // namespace lmstress::store
