#pragma once

#include <optional>

#include "memorygraph/graph_backend.hpp"
#include "memorygraph/log.hpp"

namespace memorygraph {

/// A plain SQLite file, with no network.
class SqliteBackend : public GraphBackend {
public:
    /// Opens nothing yet. `path` may be ":memory:".
    SqliteBackend(std::string path, Log log);

    /// Makes the folder and the file where there are none.
    bool connect() override;
    void disconnect() override;
    Records execute_query(std::string_view query, const Parameters& parameters = {},
                          bool write = false) override;
    void transaction(const std::function<void()>& work) override;
    void initialize_schema() override;
    boost::json::object health_check() override;
    std::string backend_name() const override { return "sqlite"; }
    bool supports_fulltext_search() override;
    bool supports_transactions() const override { return true; }
    std::pair<std::int64_t, std::int64_t> version() override;

    bool connected() const { return database_.has_value(); }
    const std::string& path() const { return path_; }

protected:
    /// The product's name in messages.
    virtual std::string product() const { return "SQLite"; }
    Database& database();
    void say(Level level, const std::string& text) const { log_(level, text); }

private:
    std::string path_;
    Log log_;
    std::optional<Database> database_;
};

}  // namespace memorygraph
