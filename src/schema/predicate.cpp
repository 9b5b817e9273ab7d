#include "schema/predicate.hpp"

#include "base/text.hpp"

namespace tidemark {
namespace {

/// Where the string, quoted name or comment that starts at `at` ends; `at` where none starts there.
std::size_t skip_quoted(std::string_view sql, std::size_t at) {
    const auto after = [&](std::string_view end, std::size_t from) {
        const std::size_t found = sql.find(end, from);
        return found == std::string_view::npos ? sql.size() : found + end.size();
    };
    if (sql.substr(at, 2) == "--") return after("\n", at);
    if (sql.substr(at, 2) == "/*") return after("*/", at + 2);
    switch (sql[at]) {
        // A doubled quote inside reads as two strings side by side, which skips as well.
        case '\'':
        case '"':
        case '`': return after(sql.substr(at, 1), at + 1);
        case '[': return after("]", at + 1);
        default: return at;
    }
}

std::string without_order(std::string term) {
    term.erase(term.find_last_not_of(" \t\r\n") + 1);
    for (const std::string_view order : {" asc", " desc"}) {
        if (lower(term).ends_with(order)) term.resize(term.size() - order.size());
    }
    return term;
}

}  // namespace

std::string index_predicate(std::string_view create_index) {
    int depth = 0;
    bool listed = false;  // the list of indexed columns has ended: all that may follow is WHERE
    for (std::size_t at = 0; at < create_index.size();) {
        const std::size_t end = skip_quoted(create_index, at);
        if (end != at) {
            at = end;
            continue;
        }
        if (create_index[at] == '(') ++depth;
        if (create_index[at] == ')' && --depth == 0) listed = true;
        if (listed && starts_with_name(create_index.substr(at), "where")) {
            return std::string(create_index.substr(at + 5));
        }
        ++at;
    }
    return {};
}

std::vector<std::string> index_terms(std::string_view create_index) {
    std::vector<std::string> terms;
    int depth = 0;
    std::size_t from = 0;
    for (std::size_t at = 0; at < create_index.size();) {
        const std::size_t end = skip_quoted(create_index, at);
        if (end != at) {
            at = end;
            continue;
        }
        const char c = create_index[at];
        const bool closes = c == ')' && --depth == 0;
        if (closes || (c == ',' && depth == 1)) {
            terms.push_back(without_order(std::string(create_index.substr(from, at - from))));
            from = at + 1;
        }
        if (closes) break;
        if (c == '(' && ++depth == 1) from = at + 1;
        ++at;
    }
    return terms;
}

}  // namespace tidemark
