#include "sqlite_backend.hpp"

#include <filesystem>

#include "schema.hpp"

namespace memorygraph {
namespace {

namespace fs = std::filesystem;

/// Rolls back unless it was committed.
class Transaction {
public:
    explicit Transaction(Database& database) : database_(database) {
        database_.execute("BEGIN IMMEDIATE");
    }
    ~Transaction() {
        if (database_.in_transaction()) database_.execute("ROLLBACK");
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit() { database_.execute("COMMIT"); }

private:
    Database& database_;
};

}  // namespace

SqliteBackend::SqliteBackend(std::string path, Log log)
    : path_(std::move(path)), log_(std::move(log)) {}

Database& SqliteBackend::database() {
    if (database_) return *database_;
    throw DatabaseConnectionError("Not connected to " + product() + ". Call connect() first.");
}

bool SqliteBackend::connect() {
    if (database_) return true;
    try {
        const fs::path folder = fs::path(path_).parent_path();
        if (!folder.empty()) fs::create_directories(folder);
        database_.emplace(path_);
    } catch (const std::exception& error) {  // std::filesystem has errors of its own
        throw DatabaseConnectionError("Failed to connect to " + product() + ": " + error.what(),
                                      "Check the path of the database: " + path_);
    }
    say(Level::info, "Successfully connected to " + product() + " database");
    return true;
}

void SqliteBackend::disconnect() {
    if (!database_) return;
    database_.reset();
    say(Level::info, product() + " connection closed");
}

Records SqliteBackend::execute_query(std::string_view query, const Parameters& parameters,
                                     bool write) {
    return database().query(query, parameters, write);
}

void SqliteBackend::transaction(const std::function<void()>& work) {
    Transaction transaction(database());
    work();
    transaction.commit();
}

void SqliteBackend::initialize_schema() {
    if (!database_) throw SchemaError("Not connected to database");
    say(Level::info, "Initializing " + product() + " schema for MemoryGraph...");
    try {
        Transaction transaction(*database_);
        create_schema(*database_, log_);
        transaction.commit();
    } catch (const tidemark::Error& error) {
        throw SchemaError("Failed to initialize schema: " + error.message(), error.hint());
    }
    say(Level::info, "Schema initialization completed");
}

boost::json::object SqliteBackend::health_check() {
    boost::json::object health{
        {"connected", connected()}, {"backend_type", backend_name()}, {"db_path", path_}};
    if (!database_) return health;
    try {
        const Records counted =
            database_->query("SELECT count(*) AS n FROM nodes WHERE label = 'Memory'");
        health["statistics"] = {{"memory_count", integer(counted.at(0), "n")}};
        std::error_code missing;
        const auto size = fs::file_size(path_, missing);
        if (!missing) health["database_size_bytes"] = size;
    } catch (const tidemark::Error& error) {
        say(Level::warning, "Could not get detailed health info: " + error.message());
        health["warning"] = error.message();
    }
    return health;
}

bool SqliteBackend::supports_fulltext_search() { return database_ && has_fulltext(*database_); }

std::pair<std::int64_t, std::int64_t> SqliteBackend::version() { return database().version(); }

}  // namespace memorygraph
