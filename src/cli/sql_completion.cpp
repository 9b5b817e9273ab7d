#include "cli/sql_completion.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.hpp"

namespace tidemark::cli {
namespace {

constexpr const char* keywords[] = {
    "ALTER",  "AND",    "BEGIN",    "BETWEEN", "BY",       "CASE",   "COMMIT", "COUNT",   "CREATE",
    "DELETE", "DESC",   "DISTINCT", "DROP",    "ELSE",     "END",    "EXISTS", "EXPLAIN", "FROM",
    "GROUP",  "HAVING", "INDEX",    "INSERT",  "INTO",     "JOIN",   "LEFT",   "LIKE",    "LIMIT",
    "NOT",    "NULL",   "ORDER",    "PRAGMA",  "ROLLBACK", "SELECT", "SET",    "TABLE",   "THEN",
    "UPDATE", "VALUES", "VIEW",     "WHEN",    "WHERE",    "WITH"};

constexpr std::string_view before_a_table[] = {"FROM", "INTO", "JOIN", "TABLE", "UPDATE"};

std::string_view last_word(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \t");
    if (end == text.npos) return {};
    text = text.substr(0, end + 1);
    const std::size_t before = text.find_last_of(" \t(),;");
    return before == text.npos ? text : text.substr(before + 1);
}

}  // namespace

std::vector<std::string> SqlCompletion::of(std::string_view line, std::string_view word) const {
    std::vector<std::string> found;
    const auto add = [&](const auto& some) {
        std::set<std::string> sorted(std::begin(some), std::end(some));
        std::copy_if(sorted.begin(), sorted.end(), std::back_inserter(found),
                     [&](const std::string& one) { return starts_with_name(one, word); });
    };
    const std::string_view before = last_word(line.substr(0, line.size() - word.size()));
    const bool table_wanted =
        std::any_of(std::begin(before_a_table), std::end(before_a_table),
                    [&](std::string_view keyword) { return same_name(keyword, before); });
    if (table_wanted) {
        add(tables);
        return found;
    }
    std::vector<std::string> names = tables;
    names.insert(names.end(), columns.begin(), columns.end());
    add(names);
    add(keywords);
    return found;
}

}  // namespace tidemark::cli
