#include "cli/resume_journal.hpp"

#include "api/json_frame.hpp"
#include "store/journal.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <utility>

namespace lmstress::cli {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

/// Those that have their ends.
std::vector<std::string> whole_lines(std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;) {
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    return out;
}

/// Whether something is beside the journal, which a write that was cut short may have left there
/// under a name that begins as its own.
bool holds_more(const resume_journal::place& at) {
    std::error_code ec;
    for (const fs::directory_entry& e : fs::directory_iterator{at.directory, ec}) {
        if (!e.path().filename().string().starts_with(at.file)) return true;
    }
    return false;
}

}  // namespace

result<resume_journal> resume_journal::open(const place& at, const std::string& first,
                                            bool resume) {
    resume_journal out{at.directory / at.file, first};
    if (!resume) {
        const auto made = store::prepare_directory(at.directory);
        if (!made) return made.error();
        const auto locked = out.lock(at);
        if (!locked) return locked.error();
        const auto written = out.write_all();
        if (!written) return written.error();
        return out;
    }
    const auto locked = out.lock(at);
    if (!locked) return locked.error();
    const auto content = store::read_file(out.file_);
    if (!content) {
        return error{
            errc::bad_file,
            at.directory.string() + " holds no " + at.what + ": it has no " + at.file,
            "--resume names the directory that --out named, or that the " + at.what + " printed."};
    }
    out.lines_ = whole_lines(*content);
    const bool torn = !content->empty() && content->back() != '\n';
    // One that was killed in its first line has done nothing yet.
    const bool barely_begun = out.lines_.empty() && first.starts_with(*content);
    if (!barely_begun && (out.lines_.empty() || out.lines_.front() != first)) {
        return error{
            errc::usage,
            at.directory.string() + " holds a " + at.what + " of other settings, loads or requests",
            "--resume goes with the flags and the scenario that it was begun with; the "
            "first line of its " +
                at.file + " tells them."};
    }
    if (barely_begun && holds_more(at)) {
        return error{errc::bad_file,
                     at.directory.string() + " holds results, and its " + at.file +
                         ", which tells what they are of, is empty or cut in its first line",
                     "Begin anew in another directory: what is there would be written over."};
    }
    if (!barely_begun) out.lines_.erase(out.lines_.begin());
    for (const json::object& o : out.entries()) {
        const std::string_view model = api::string_at(o, "model");
        if (!model.empty()) out.model_ = model;
    }
    if (torn || barely_begun) {
        const auto written = out.write_all();
        if (!written) return written.error();
    }
    return out;
}

result<void> resume_journal::lock(const place& at) {
    lock_ = store::directory_lock::take(at.directory);
    if (lock_) return {};
    return error{
        errc::usage,
        at.directory.string() + " is that of a " + at.what + " which another process goes on with",
        "Wait until that has ended, or end it; --resume then measures what is missing."};
}

result<void> resume_journal::write_all() const {
    std::string all = first_ + '\n';
    for (const std::string& line : lines_) all += line + '\n';
    return store::write_file(file_, all);
}

result<void> resume_journal::add(std::string line) {
    std::ofstream out{file_, std::ios::app | std::ios::binary};
    out << line + '\n' << std::flush;
    if (!out) return error{errc::output, "cannot write to " + file_.string()};
    lines_.push_back(std::move(line));
    // What came of all until now is not what comes of it: where this is killed nothing says so.
    std::error_code ec;
    std::filesystem::remove(std::filesystem::path{file_}.replace_extension(".json"), ec);
    return {};
}

std::vector<json::object> resume_journal::entries() const {
    std::vector<json::object> out;
    for (const std::string& line : lines_) {
        json::error_code ec;
        const json::value v = json::parse(line, ec);
        out.push_back(!ec && v.is_object() ? v.get_object() : json::object{});
    }
    return out;
}

result<void> resume_journal::mean_model(std::string model) {
    std::string line;
    wire::json_writer{line}
        .begin_object()
        .field("event", "model")
        .field("model", model)
        .end_object();
    const auto added = add(std::move(line));
    if (added) model_ = std::move(model);
    return added;
}

result<void> resume_journal::cut(std::size_t n) {
    if (n >= lines_.size()) return {};
    lines_.resize(n);
    return write_all();
}

}  // namespace lmstress::cli
