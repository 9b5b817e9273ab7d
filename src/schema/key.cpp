#include "schema/key.hpp"

#include "base/text.hpp"

namespace tidemark {
namespace {

std::string without_trailing_spaces(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

/// What SQLite's built-in collations compare; a key under any other one does not sync.
Value collated(const Value& value, const std::string& collation) {
    const auto* text = std::get_if<std::string>(&value);
    if (!text) return value;
    if (same_name(collation, "NOCASE")) return lower(*text);
    return same_name(collation, "RTRIM") ? without_trailing_spaces(*text) : *text;
}

}  // namespace

int compare_keys(const Table& table, const Row& a, const Row& b) {
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        const std::string& collation = table.columns[table.key[i]].collation;
        const int order = same_name(collation, "BINARY")
                              ? compare(a[i], b[i])
                              : compare(collated(a[i], collation), collated(b[i], collation));
        if (order != 0) return order;
    }
    return 0;
}

Row key_of(const Table& table, const Row& row) {
    Row key;
    for (const std::size_t column : table.key) key.push_back(row[column]);
    return key;
}

}  // namespace tidemark
