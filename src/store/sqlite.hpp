#pragma once

#include "lmstress/error.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace lmstress::store {

/// Why the first statement that failed did so.
struct sql_failure {
    std::string why = {};  ///< empty: none has
    int code = 0;          ///< of SQLite
};

/// A statement under way. Parameters are bound in their order, columns read in theirs.
class sql_statement {
  public:
    /// `failure` takes why a step failed; it outlives this.
    sql_statement(sqlite3_stmt* s, sql_failure& failure)
        : statement_(s, &finalize), failure_(failure) {}

    sql_statement& bind(std::string_view text);
    sql_statement& bind(const std::string& text) { return bind(std::string_view{text}); }
    sql_statement& bind(const char* text) { return bind(std::string_view{text}); }
    sql_statement& bind(std::int64_t n);
    sql_statement& bind(double n);
    template <class T>
    sql_statement& bind(const std::optional<T>& v) {
        return v ? bind(*v) : bind_null();
    }
    sql_statement& bind(int n) { return bind(std::int64_t{n}); }
    sql_statement& bind(std::uint32_t n) { return bind(std::int64_t{n}); }
    sql_statement& bind(std::uint64_t n) { return bind(static_cast<std::int64_t>(n)); }
    sql_statement& bind(bool b) { return bind(std::int64_t{b ? 1 : 0}); }
    sql_statement& bind_null();

    /// The next row is there to be read. False: there is none, or it failed (sqlite::failed).
    bool step();
    /// To be run again with other parameters.
    void reset();

    [[nodiscard]] std::string text();
    [[nodiscard]] std::int64_t integer();
    [[nodiscard]] std::optional<std::int64_t> maybe_integer();
    [[nodiscard]] std::optional<double> maybe_number();
    [[nodiscard]] std::optional<bool> maybe_bool();

  private:
    static void finalize(sqlite3_stmt* s);
    [[nodiscard]] bool is_null() const;

    std::unique_ptr<sqlite3_stmt, void (*)(sqlite3_stmt*)> statement_;
    sql_failure& failure_;
    int parameter_ = 0;
    int column_ = 0;
};

/// A database of SQLite. The first thing that fails is kept, and all later statements do nothing,
/// so that only the end of what belongs together is looked at.
class sqlite {
  public:
    /// Makes the file where it is missing; its directory is there. Whoever finds it locked by
    /// another process waits for `patience`.
    [[nodiscard]] static result<sqlite> open(const std::filesystem::path& file,
                                             std::chrono::milliseconds patience);
    /// One that is there, which nothing is written to, nor beside it: also where this user may not.
    [[nodiscard]] static result<sqlite> open_to_read(const std::filesystem::path& file,
                                                     std::chrono::milliseconds patience);

    [[nodiscard]] sql_statement prepare(std::string_view sql);
    /// Runs statements without parameters or rows.
    void run(std::string_view sql);
    /// The same, of what may fail.
    void attempt(const char* sql);
    /// The first value of the first row.
    [[nodiscard]] std::int64_t integer(std::string_view sql);
    [[nodiscard]] std::int64_t last_id() const;
    [[nodiscard]] std::int64_t changed_rows() const;

    /// What failed, as a sentence about this file; nothing: all went well.
    [[nodiscard]] result<void> failed() const;
    /// After a transaction that failed and is undone: statements do something again.
    void begin_anew() { *failure_ = {}; }

  private:
    struct closer {
        void operator()(sqlite3* s) const;
    };
    sqlite(sqlite3* s, std::filesystem::path file) : handle_(s), file_(std::move(file)) {}
    [[nodiscard]] static result<sqlite> opened(const std::filesystem::path& file,
                                               const std::string& name, int how,
                                               std::chrono::milliseconds patience);
    [[nodiscard]] std::string reason() const;
    void fail();

    std::unique_ptr<sqlite3, closer> handle_;
    std::filesystem::path file_;
    /// Statements write there, also once this has moved.
    std::unique_ptr<sql_failure> failure_ = std::make_unique<sql_failure>();
};

/// What is written between its two ends is there as a whole or not at all. It takes the lock that
/// writers have at once, so that none of two who read and then write has to give up.
class sql_transaction {
  public:
    explicit sql_transaction(sqlite& of);
    ~sql_transaction();
    sql_transaction(sql_transaction&&) = delete;
    [[nodiscard]] result<void> commit();

  private:
    sqlite& of_;
    bool open_ = true;
};

}  // namespace lmstress::store
