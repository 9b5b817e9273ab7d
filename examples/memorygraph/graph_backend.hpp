#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/json/object.hpp>

#include <tidemark/error.hpp>

#include "common/database.hpp"

namespace memorygraph {

using examples::Database;
using examples::Record;
using examples::Records;
using tidemark::Blob;
using tidemark::NamedValues;
using tidemark::Row;
using tidemark::Value;

/// By position, or by name with or without its sign (":id", "id").
using Parameters = std::variant<Row, NamedValues>;

/// The database cannot be opened, or is not open.
class DatabaseConnectionError : public tidemark::Error {
public:
    explicit DatabaseConnectionError(std::string message, std::string hint = {},
                                     tidemark::ErrorCode code = tidemark::ErrorCode::failed)
        : Error(code, std::move(message), std::move(hint)) {}
};

/// The tables cannot be made.
class SchemaError : public tidemark::Error {
public:
    explicit SchemaError(std::string message, std::string hint = {})
        : Error(tidemark::ErrorCode::failed, std::move(message), std::move(hint)) {}
};

/// A database of nodes and relationships. Use it from one thread at a time. Where nothing else is
/// said, a function throws DatabaseConnectionError without a connection, and tidemark::Error for
/// what the database refuses.
class GraphBackend {
public:
    virtual ~GraphBackend() = default;

    /// True once the database is open.
    virtual bool connect() = 0;
    virtual void disconnect() = 0;

    /// Runs one statement. `write` says that it may change something, which is then committed,
    /// unless a transaction() is under way.
    virtual Records execute_query(std::string_view query, const Parameters& parameters = {},
                                  bool write = false) = 0;
    /// Runs `work` so that all of its writes happen, or, where it throws, none.
    virtual void transaction(const std::function<void()>& work) = 0;

    /// Makes what is missing of the tables, indexes and the full-text index; may be called again at
    /// any time. Throws SchemaError, and then nothing was changed.
    virtual void initialize_schema() = 0;

    virtual boost::json::object health_check() = 0;

    virtual std::string backend_name() const = 0;
    virtual bool supports_fulltext_search() = 0;
    virtual bool supports_transactions() const = 0;

    /// A number that changes whenever the content may have changed, by whomever.
    virtual std::pair<std::int64_t, std::int64_t> version() = 0;
};

}  // namespace memorygraph
