#pragma once

#include <string>
#include <vector>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "capture/triggers.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::capture {

/// For tests: a database with the application's schema, all of its tables captured.
class CapturedFile {
public:
    using Entries = std::vector<std::string>;

    explicit CapturedFile(const std::string& schema, const std::string& path = ":memory:")
        : connection(path, Connection::Open::create) {
        connection.execute(R"(
            CREATE TABLE tidemark_meta(id INTEGER PRIMARY KEY CHECK (id = 1),
                                       clock INTEGER NOT NULL);
            INSERT INTO tidemark_meta VALUES (1, 0))");
        connection.execute(schema);
        for (const Table& table : synced_tables(connection, {})) install(connection, table);
    }

    /// Forgets what was captured so far, runs `sql`, and says what was captured.
    Entries after(const std::string& sql, const std::string& table = "t") {
        connection.execute("DELETE FROM " + tidemark::quoted(pending_table(table)));
        connection.execute(sql);
        return entries(table);
    }

    /// "1 born", "'a',2 touched", "1 title,body", sorted.
    Entries entries(const std::string& table = "t");

    Connection connection;
};

inline CapturedFile::Entries CapturedFile::entries(const std::string& name) {
    const Table table = read_table(connection, name).value();
    std::vector<std::string> key;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        key.push_back("quote(" + key_column(i) + ")");
    }
    Entries entries;
    Statement rows(connection, "SELECT " + join(key, " || ',' || ") + ", cols FROM " +
                                   tidemark::quoted(pending_table(name)) + " ORDER BY 1, 2");
    while (rows.step()) {
        const std::int64_t cols = rows.integer(1);
        std::vector<std::string> names;
        for (std::size_t i = 0; cols > 0 && i <= rest_bit; ++i) {
            if ((cols >> i & 1) == 0) continue;
            names.push_back(i < rest_bit ? table.columns[i].name : "the rest");
        }
        std::string what = join(names, ",");
        if (cols == cols_born) what = "born";
        if (cols == cols_touched) what = "touched";
        entries.push_back(rows.text(0) + " " + what);
    }
    return entries;
}

}  // namespace tidemark::capture
