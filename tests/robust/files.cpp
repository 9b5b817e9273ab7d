#include "robust/files.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "sqlite/connection.hpp"

namespace tidemark::robust {

namespace fs = std::filesystem;

std::int64_t setting(const char* name, std::int64_t otherwise) {
    const char* given = std::getenv(name);
    return given && *given ? std::stoll(given) : otherwise;
}

Folder::Folder() {
    std::string pattern = (fs::temp_directory_path() / "tidemark-robust-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
    path_ = pattern;
}

Folder::~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void run(const std::string& file, const std::string& sql) {
    Connection connection(file);
    connection.execute("PRAGMA foreign_keys = ON");
    connection.execute(sql);
}

std::int64_t number(const std::string& file, const std::string& sql) {
    return Connection(file).integer(sql);
}

std::string text(const std::string& file, const std::string& sql) {
    return as_text(Connection(file).scalar(sql));
}

void make(const std::string& file, const std::string& journal_mode, const std::string& sql) {
    Connection connection(file, Connection::Open::create);
    connection.execute("PRAGMA journal_mode = " + journal_mode);
    connection.execute(sql);
}

std::string numbers(std::int64_t from, std::int64_t to) {
    return "WITH RECURSIVE n(i) AS (SELECT " + std::to_string(from) +
           " UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(to) + ") ";
}

std::int64_t differing_rows(const std::string& a, const std::string& b, const std::string& table) {
    Connection connection(a);
    connection.execute("ATTACH " + literal(b) + " AS other");
    const std::string here = "SELECT * FROM main." + quoted(table);
    const std::string there = "SELECT * FROM other." + quoted(table);
    return connection.integer("SELECT count(*) FROM (" + here + " EXCEPT " + there + ")") +
           connection.integer("SELECT count(*) FROM (" + there + " EXCEPT " + here + ")") +
           std::abs(connection.integer("SELECT (SELECT count(*) FROM main." + quoted(table) +
                                       ") - (SELECT count(*) FROM other." + quoted(table) + ")"));
}

std::string integrity(const std::string& file) {
    Connection connection(file);
    const std::string found = as_text(connection.scalar("PRAGMA integrity_check"));
    if (found != "ok") return found;
    const std::int64_t broken = connection.integer("SELECT count(*) FROM pragma_foreign_key_check");
    return broken == 0 ? "ok" : std::to_string(broken) + " references are broken";
}

}  // namespace tidemark::robust
