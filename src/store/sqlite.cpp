#include "store/sqlite.hpp"

#include <sqlite3.h>

namespace lmstress::store {
namespace {

/// Beside a database in WAL mode SQLite writes also for who only reads. Under this name it does
/// not, and looks at no log that lies there.
std::string name_of_unchanging(const std::filesystem::path& file) {
    std::string out = "file://";
    for (const char c : std::filesystem::absolute(file).string()) {
        if (c == '%' || c == '?' || c == '#') {
            constexpr std::string_view digits = "0123456789abcdef";
            const auto byte = static_cast<unsigned char>(c);
            out += {'%', digits[byte / 16], digits[byte % 16]};
        } else {
            out += c;
        }
    }
    return out + "?immutable=1";
}

std::string advice_on(int code) {
    const int kind = code & 0xff;
    if (kind == SQLITE_READONLY || kind == SQLITE_CANTOPEN) {
        return "This user must be able to write the file and its directory (SQLite keeps a log "
               "beside it); --history FILE names another one.";
    }
    return "Try again once no other program has it. The directories of the results hold all that "
           "it does: lmstress history import DIR --history FILE makes another one.";
}

}  // namespace

void sql_statement::finalize(sqlite3_stmt* s) {
    sqlite3_finalize(s);
}

sql_statement& sql_statement::bind(std::string_view text) {
    sqlite3_bind_text64(statement_.get(), ++parameter_, text.data() == nullptr ? "" : text.data(),
                        text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

sql_statement& sql_statement::bind(std::int64_t n) {
    sqlite3_bind_int64(statement_.get(), ++parameter_, n);
    return *this;
}

sql_statement& sql_statement::bind(double n) {
    sqlite3_bind_double(statement_.get(), ++parameter_, n);
    return *this;
}

sql_statement& sql_statement::bind_null() {
    sqlite3_bind_null(statement_.get(), ++parameter_);
    return *this;
}

bool sql_statement::step() {
    column_ = 0;
    if (statement_ == nullptr || !failure_.why.empty()) return false;
    const int code = sqlite3_step(statement_.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        failure_ = {sqlite3_errmsg(sqlite3_db_handle(statement_.get())), code};
    }
    return code == SQLITE_ROW;
}

void sql_statement::reset() {
    sqlite3_reset(statement_.get());
    parameter_ = 0;
}

bool sql_statement::is_null() const {
    return sqlite3_column_type(statement_.get(), column_) == SQLITE_NULL;
}

std::string sql_statement::text() {
    const int at = column_++;
    const auto* bytes = sqlite3_column_text(statement_.get(), at);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), at));
    return bytes == nullptr ? std::string{}
                            : std::string{reinterpret_cast<const char*>(bytes), size};
}

std::int64_t sql_statement::integer() {
    return sqlite3_column_int64(statement_.get(), column_++);
}

std::optional<std::int64_t> sql_statement::maybe_integer() {
    const bool none = is_null();
    const std::int64_t n = integer();
    return none ? std::nullopt : std::optional{n};
}

std::optional<double> sql_statement::maybe_number() {
    const bool none = is_null();
    const double n = sqlite3_column_double(statement_.get(), column_++);
    return none ? std::nullopt : std::optional{n};
}

std::optional<bool> sql_statement::maybe_bool() {
    const auto n = maybe_integer();
    return n ? std::optional{*n != 0} : std::nullopt;
}

void sqlite::closer::operator()(sqlite3* s) const {
    sqlite3_close_v2(s);
}

result<sqlite> sqlite::open(const std::filesystem::path& file, std::chrono::milliseconds patience) {
    return opened(file, file.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, patience);
}

result<sqlite> sqlite::open_to_read(const std::filesystem::path& file,
                                    std::chrono::milliseconds patience) {
    std::error_code ec;
    const auto in_the_log = std::filesystem::file_size(file.string() + "-wal", ec);
    // What others have written lately stands there alone.
    if (!ec && in_the_log > 0) return opened(file, file.string(), SQLITE_OPEN_READONLY, patience);
    return opened(file, name_of_unchanging(file), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, patience);
}

result<sqlite> sqlite::opened(const std::filesystem::path& file, const std::string& name, int how,
                              std::chrono::milliseconds patience) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &handle, how | SQLITE_OPEN_EXRESCODE, nullptr);
    sqlite out{handle, file};
    if (code != SQLITE_OK) {
        return error{errc::output, "cannot open " + file.string() + ": " + out.reason(),
                     advice_on(code)};
    }
    sqlite3_busy_timeout(handle, static_cast<int>(patience.count()));
    return out;
}

std::string sqlite::reason() const {
    return handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory";
}

void sqlite::fail() {
    *failure_ = {reason(), handle_ ? sqlite3_extended_errcode(handle_.get()) : SQLITE_NOMEM};
}

sql_statement sqlite::prepare(std::string_view sql) {
    sqlite3_stmt* s = nullptr;
    if (!failure_->why.empty()) return {nullptr, *failure_};
    const int code =
        sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &s, nullptr);
    if (code != SQLITE_OK) fail();
    return {s, *failure_};
}

void sqlite::run(std::string_view sql) {
    if (!failure_->why.empty()) return;
    const std::string text{sql};
    if (sqlite3_exec(handle_.get(), text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail();
    }
}

void sqlite::attempt(const char* sql) {
    sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
}

std::int64_t sqlite::integer(std::string_view sql) {
    sql_statement s = prepare(sql);
    return s.step() ? s.integer() : 0;
}

std::int64_t sqlite::last_id() const {
    return sqlite3_last_insert_rowid(handle_.get());
}

std::int64_t sqlite::changed_rows() const {
    return sqlite3_changes(handle_.get());
}

result<void> sqlite::failed() const {
    if (failure_->why.empty()) return {};
    return error{errc::output, file_.string() + ": " + failure_->why, advice_on(failure_->code)};
}

sql_transaction::sql_transaction(sqlite& of) : of_(of) {
    of_.run("BEGIN IMMEDIATE");
}

sql_transaction::~sql_transaction() {
    if (open_) of_.attempt("ROLLBACK");
}

result<void> sql_transaction::commit() {
    of_.run("COMMIT");
    auto done = of_.failed();
    if (done) open_ = false;
    return done;
}

}  // namespace lmstress::store
