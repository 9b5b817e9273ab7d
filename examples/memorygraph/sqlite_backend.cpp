#include "memorygraph/sqlite_backend.hpp"

#include <filesystem>

#include "memorygraph/schema.hpp"

namespace memorygraph {
namespace {

namespace fs = std::filesystem;
using tidemark::Error;
using tidemark::ErrorCode;

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
        database_.emplace(path_);
    } catch (const Error& error) {
        throw DatabaseConnectionError("Failed to connect to " + product() + ": " + error.message(),
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
    Database& opened = database();
    try {
        if (!write && !opened.only_reads(query)) {
            throw Error(ErrorCode::usage, "the statement writes",
                        "Say so: execute_query(query, parameters, write = true).");
        }
        const auto* named = std::get_if<NamedValues>(&parameters);
        return named ? opened.query_named(query, *named)
                     : opened.query(query, std::get<Row>(parameters));
    } catch (const Error& error) {
        throw Error(error.code(), "Query execution failed: " + error.message(), error.hint());
    }
}

void SqliteBackend::transaction(const std::function<void()>& work) {
    examples::Transaction transaction(database());
    work();
    transaction.commit();
}

void SqliteBackend::initialize_schema() {
    if (!database_) throw SchemaError("Not connected to database");
    say(Level::info, "Initializing " + product() + " schema for MemoryGraph...");
    try {
        examples::Transaction transaction(*database_);
        create_schema(*database_, log_);
        transaction.commit();
    } catch (const Error& error) {
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
        health["statistics"] = {{"memory_count", counted.at(0).integer("n")}};
        std::error_code missing;
        const auto size = fs::file_size(path_, missing);
        if (!missing) health["database_size_bytes"] = size;
    } catch (const Error& error) {
        say(Level::warning, "Could not get detailed health info: " + error.message());
        health["warning"] = error.message();
    }
    return health;
}

bool SqliteBackend::supports_fulltext_search() { return database_ && has_fulltext(*database_); }

std::pair<std::int64_t, std::int64_t> SqliteBackend::version() { return database().version(); }

}  // namespace memorygraph
