#include "primary/packed.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <limits>
#include <optional>

#include "base/text.hpp"

namespace tidemark {
namespace {

/// All engines take so many parameters in one statement, and gain nothing from more.
constexpr std::size_t max_parameters = 10'000;
constexpr int any_depth = std::numeric_limits<int>::max();

/// "INSERT … VALUES " + "(…)" + " ON CONFLICT …".
struct Repeatable {
    std::string_view before;
    std::string_view values;
    std::string_view after;
};

/// Past the string, quoted name or bracket that begins at `at`; `at` + 1 where none does.
std::size_t past_token(std::string_view sql, std::size_t at) {
    const char quote = sql[at] == '[' ? ']' : sql[at];
    if (std::string_view("'\"`[").find(sql[at]) == std::string_view::npos) return at + 1;
    std::size_t end = sql.find(quote, at + 1);
    while (quote != ']' && end != sql.npos && end + 1 < sql.size() && sql[end + 1] == quote) {
        end = sql.find(quote, end + 2);  // a doubled quote stands for itself
    }
    return end == sql.npos ? sql.size() : end + 1;
}

bool has_parameter(std::string_view sql) {
    for (std::size_t at = 0; at < sql.size(); at = past_token(sql, at)) {
        if (sql[at] == '?') return true;
    }
    return false;
}

/// Where the first VALUES (…) that is nested no deeper than `deepest` holds all parameters.
std::optional<Repeatable> repeatable(std::string_view sql, int deepest) {
    std::size_t open = sql.npos;
    int depth = 0;
    int open_depth = 0;
    for (std::size_t at = 0; at < sql.size(); at = past_token(sql, at)) {
        if (sql[at] == '(') {
            const bool values = sql.substr(0, at).ends_with("VALUES ");
            if (open == sql.npos && values && depth <= deepest) {
                open = at;
                open_depth = depth;
            }
            ++depth;
        } else if (sql[at] == ')' && --depth == open_depth && open != sql.npos) {
            const Repeatable text{sql.substr(0, open), sql.substr(open, at + 1 - open),
                                  sql.substr(at + 1)};
            if (has_parameter(text.before) || has_parameter(text.after)) return std::nullopt;
            return text;
        }
    }
    return std::nullopt;
}

std::optional<Repeatable> repeatable_insert(std::string_view sql) {
    const std::size_t start = sql.find_first_not_of(" \n");
    if (start == sql.npos || !starts_with_name(sql.substr(start), "INSERT ")) return std::nullopt;
    return repeatable(sql, 0);
}

/// The text with `by` added to the number of each parameter.
std::string renumbered(std::string_view sql, std::size_t by) {
    std::string out;
    for (std::size_t at = 0; at < sql.size();) {
        const std::size_t end = past_token(sql, at);
        out += sql.substr(at, end - at);
        const bool parameter = sql[at] == '?';
        at = end;
        if (!parameter) continue;
        std::size_t number = 0;
        for (; at < sql.size() && std::isdigit(static_cast<unsigned char>(sql[at])); ++at) {
            number = number * 10 + static_cast<std::size_t>(sql[at] - '0');
        }
        out += std::to_string(number + by);
    }
    return out;
}

}  // namespace

std::vector<BoundSql> packed(const std::string& sql, const std::string& many,
                             std::vector<Row>& rows) {
    std::vector<BoundSql> statements;
    const auto text = rows.size() < 2 ? std::nullopt
                      : many.empty()  ? repeatable_insert(sql)
                                      : repeatable(many, any_depth);
    if (!text) {
        for (Row& row : rows) statements.push_back({sql, std::move(row)});
        return statements;
    }
    const std::size_t width = std::max<std::size_t>(1, rows[0].size());
    const std::size_t at_once = std::max<std::size_t>(1, max_parameters / width);
    std::string full;  // the text for `at_once` rows, made only once
    for (std::size_t first = 0; first < rows.size(); first += at_once) {
        const std::size_t count = std::min(at_once, rows.size() - first);
        BoundSql statement;
        statement.arguments.reserve(count * width);
        for (std::size_t i = first; i < first + count; ++i) {
            std::move(rows[i].begin(), rows[i].end(), std::back_inserter(statement.arguments));
        }
        if (count < at_once || full.empty()) {
            statement.sql = text->before;
            for (std::size_t i = 0; i < count; ++i) {
                if (i > 0) statement.sql += ", ";
                statement.sql += renumbered(text->values, i * width);
            }
            statement.sql += text->after;
            if (count == at_once) full = statement.sql;
        } else {
            statement.sql = full;
        }
        statements.push_back(std::move(statement));
    }
    return statements;
}

}  // namespace tidemark
