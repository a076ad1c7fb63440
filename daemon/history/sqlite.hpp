// SQLite with owners and exceptions: the only place that knows its C interface.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace whylink::daemon::sql {

class Error : public std::runtime_error {
  public:
    Error(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
    /// The file is no database, or is damaged.
    bool corrupt() const;
    /// There is no such file, or what it needs beside it cannot be made.
    bool cannot_open() const;
    /// The disk, or as many pages as the file may have.
    bool full() const;
    int code() const { return code_; }

  private:
    int code_;  ///< SQLITE_*, see https://sqlite.org/rescode.html
};

enum class Access : std::uint8_t {
    write,
    read,
    /// A file that nobody writes now: neither locks nor a WAL index are needed, which a reader without permission to
    /// write in the directory could not make.
    read_alone,
};

/// Throws Error, as all that follows does. Of one thread at a time.
class Database {
  public:
    Database(const std::string& path, Access access);

    /// Statements without results, parameters or an end.
    void run(const char* sql);
    std::int64_t number(const char* sql);
    sqlite3* handle() { return handle_.get(); }

  private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement. It must not outlive its database.
class Statement {
  public:
    Statement(Database& database, std::string_view sql);

    // Parameters and columns count from 1 and from 0, as SQLite has it.
    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, const std::optional<std::int64_t>& value);
    Statement& bind(int index, std::string_view value);
    /// Without a row; ready for the next parameters then.
    void run();
    /// False behind the last row; ready for the next parameters then.
    bool next();
    /// Before the last row: ready for the next parameters.
    void reset();

    std::int64_t number(int column) const;
    std::optional<std::int64_t> optional_number(int column) const;
    std::string text(int column) const;

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    void check(int result) const;

    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// Rolls back unless it is committed.
class Transaction {
  public:
    explicit Transaction(Database& database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

  private:
    Database& database_;
    bool open_ = true;
};

}  // namespace whylink::daemon::sql
