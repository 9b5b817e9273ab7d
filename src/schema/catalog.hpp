#pragma once

#include <string>
#include <vector>

#include "sqlite/value.hpp"

namespace tidemark {

class Connection;

/// Something that the application created in its database.
struct SchemaObject {
    /// A number in the file's header that the application sets for itself: user_version,
    /// application_id. Its `sql` is the number.
    static constexpr const char* mark = "mark";

    std::string type;  ///< table, index, view, trigger, or mark
    std::string name;
    std::string table;
    std::string sql;

    bool is_unique_index() const;
    bool is_virtual_table() const;
    /// A full-text table that indexes the rows of another table.
    bool is_external_full_text() const;
};

/// The application's objects, without Tidemark's and without what SQLite makes by itself, tables
/// first and triggers last.
using Catalog = std::vector<SchemaObject>;

/// The query for a catalog, and how to read its rows.
std::string catalog_sql();
/// The query for the marks, whose rows are read alike.
std::string marks_sql();
Catalog read_catalog(const std::vector<Row>& rows);
Catalog read_catalog(Connection& connection);
/// The catalog and the marks.
Catalog read_schema(Connection& connection);

const SchemaObject* find(const Catalog& catalog, const std::string& type, const std::string& name);

/// The statements that make the objects of a catalog: those that rows may depend on go before a
/// bulk load, the indexes that only cost time there go after it.
struct Creation {
    std::vector<std::string> before_load;
    std::vector<std::string> after_load;
};
Creation creation_of(const Catalog& catalog);

}  // namespace tidemark
