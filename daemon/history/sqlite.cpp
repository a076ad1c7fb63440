#include "daemon/history/sqlite.hpp"

#include <sqlite3.h>

namespace whylink::daemon::sql {
namespace {

/// Another process that reads, or a daemon that ends, may hold a lock for a moment.
constexpr int busy_timeout_ms = 1000;

[[noreturn]] void fail(sqlite3* handle, int code) {
    throw Error(code, handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
}

/// As a part of a URI: https://sqlite.org/uri.html.
std::string uri_of(const std::string& path, const char* query) {
    std::string uri = "file:";
    for (const char character : path) {
        switch (character) {
            case '%':
                uri += "%25";
                break;
            case '?':
                uri += "%3f";
                break;
            case '#':
                uri += "%23";
                break;
            default:
                uri += character;
        }
    }
    return uri + query;
}

int open(const std::string& path, Access access, sqlite3** handle) {
    constexpr int common = SQLITE_OPEN_NOMUTEX;
    switch (access) {
        case Access::write:
            return sqlite3_open_v2(path.c_str(), handle, common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                   nullptr);
        case Access::read:
            return sqlite3_open_v2(path.c_str(), handle, common | SQLITE_OPEN_READONLY, nullptr);
        case Access::read_alone:
            break;
    }
    return sqlite3_open_v2(uri_of(path, "?immutable=1").c_str(), handle,
                           common | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
}

}  // namespace

bool Error::corrupt() const {
    const int primary = code_ & 0xff;
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

bool Error::full() const {
    return (code_ & 0xff) == SQLITE_FULL;
}

bool Error::cannot_open() const {
    const int primary = code_ & 0xff;
    return primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY;
}

// ---- Database ----

void Database::Close::operator()(sqlite3* handle) const {
    sqlite3_close_v2(handle);
}

Database::Database(const std::string& path, Access access) {
    sqlite3* handle = nullptr;
    const int result = open(path, access, &handle);
    handle_.reset(handle);
    if (result != SQLITE_OK) {
        fail(handle, result);
    }
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, busy_timeout_ms);
}

void Database::run(const char* sql) {
    if (const int result = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr); result != SQLITE_OK) {
        fail(handle_.get(), result);
    }
}

std::int64_t Database::number(const char* sql) {
    Statement statement(*this, sql);
    return statement.next() ? statement.number(0) : 0;
}

// ---- Statement ----

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Statement::Statement(Database& database, std::string_view sql) {
    sqlite3_stmt* handle = nullptr;
    const int result = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    handle_.reset(handle);
    if (result != SQLITE_OK) {
        fail(database.handle(), result);
    }
}

void Statement::check(int result) const {
    if (result != SQLITE_OK) {
        fail(sqlite3_db_handle(handle_.get()), result);
    }
}

Statement& Statement::bind(int index, std::int64_t value) {
    check(sqlite3_bind_int64(handle_.get(), index, value));
    return *this;
}

Statement& Statement::bind(int index, const std::optional<std::int64_t>& value) {
    if (value) {
        return bind(index, *value);
    }
    check(sqlite3_bind_null(handle_.get(), index));
    return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
    check(
        sqlite3_bind_text64(handle_.get(), index, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

void Statement::reset() {
    sqlite3_reset(handle_.get());
    sqlite3_clear_bindings(handle_.get());
}

void Statement::run() {
    while (next()) {
    }
}

bool Statement::next() {
    const int result = sqlite3_step(handle_.get());
    if (result == SQLITE_ROW) {
        return true;
    }
    if (result != SQLITE_DONE) {
        // The message is gone once the statement is reset.
        const Error error(result, sqlite3_errmsg(sqlite3_db_handle(handle_.get())));
        reset();
        throw error;
    }
    reset();
    return false;
}

std::int64_t Statement::number(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

std::optional<std::int64_t> Statement::optional_number(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL ? std::nullopt
                                                                     : std::optional(number(column));
}

std::string Statement::text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
    return text == nullptr
               ? std::string()
               : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)));
}

// ---- Transaction ----

Transaction::Transaction(Database& database) : database_(database) {
    database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (open_) {
        // SQLite has rolled back by itself after some errors.
        sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

void Transaction::commit() {
    database_.run("COMMIT");
    open_ = false;
}

}  // namespace whylink::daemon::sql
