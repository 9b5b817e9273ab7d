#include "schema/table_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {
namespace {

struct Token {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string meaning;
};

bool is_word(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '$' || byte >= 0x80;
}

/// Where the quoted text that starts at `at` ends; a doubled quote stands for itself.
std::size_t end_of_quoted(std::string_view sql, std::size_t at, char close) {
    for (std::size_t i = at + 1; i < sql.size(); ++i) {
        if (sql[i] != close) continue;
        if (close == ']' || i + 1 >= sql.size() || sql[i + 1] != close) return i + 1;
        ++i;
    }
    return sql.size();
}

std::string unquoted(std::string_view name) {
    if (name.empty() || (name[0] != '"' && name[0] != '`' && name[0] != '[' && name[0] != '\'')) {
        return std::string(name);
    }
    std::string out;
    for (std::size_t i = 1; i + 1 < name.size(); ++i) {
        out += name[i];
        if (name[0] != '[' && name[i] == name[0]) ++i;
    }
    return out;
}

std::vector<Token> tokens_of(std::string_view sql) {
    std::vector<Token> tokens;
    for (std::size_t at = 0; at < sql.size();) {
        const char c = sql[at];
        std::size_t end = at + 1;
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            ++at;
            continue;
        }
        if (sql.substr(at, 2) == "--") {
            at = std::min(sql.find('\n', at), sql.size());
            continue;
        }
        if (sql.substr(at, 2) == "/*") {
            const std::size_t close = sql.find("*/", at + 2);
            at = close == std::string_view::npos ? sql.size() : close + 2;
            continue;
        }
        if (c == '\'') {
            end = end_of_quoted(sql, at, c);
            tokens.push_back({at, end, std::string(sql.substr(at, end - at))});
        } else if (c == '"' || c == '`' || c == '[') {
            end = end_of_quoted(sql, at, c == '[' ? ']' : c);
            const std::string name = lower(unquoted(sql.substr(at, end - at)));
            const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), is_word);
            tokens.push_back({at, end, plain ? name : quoted(name)});
        } else if (sql.substr(at, 2) == "!=" || sql.substr(at, 2) == "<>") {
            end = at + 2;
            tokens.push_back({at, end, "<>"});
        } else {
            while (is_word(c) && end < sql.size() && is_word(sql[end])) ++end;
            tokens.push_back({at, end, lower(sql.substr(at, end - at))});
        }
        at = end;
    }
    return tokens;
}

std::string joined(const std::vector<Token>& tokens, std::size_t from, std::size_t to) {
    std::string out;
    for (std::size_t i = from; i < to; ++i) out += (out.empty() ? "" : " ") + tokens[i].meaning;
    return out;
}

bool starts_constraint(std::string_view word) {
    static constexpr std::array words = {"constraint", "primary", "unique", "check", "foreign"};
    return std::find(words.begin(), words.end(), word) != words.end();
}

TableText::Item item_of(std::string_view sql, const std::vector<Token>& tokens, std::size_t from,
                        std::size_t to) {
    TableText::Item item;
    item.written = sql.substr(tokens[from].begin, tokens[to - 1].end - tokens[from].begin);
    const bool is_quoted =
        sql[tokens[from].begin] != tokens[from].meaning[0] && !is_word(sql[tokens[from].begin]);
    if (!is_quoted && starts_constraint(tokens[from].meaning)) {
        item.meaning = joined(tokens, from, to);
        return item;
    }
    item.name = unquoted(sql.substr(tokens[from].begin, tokens[from].end - tokens[from].begin));
    item.meaning = joined(tokens, from + 1, to);
    int depth = 0;
    for (std::size_t i = from + 1; i < to; ++i) {
        if (tokens[i].meaning == "(") ++depth;
        if (tokens[i].meaning == ")") --depth;
        if (depth == 0 && tokens[i].meaning == "as") item.generated = true;
    }
    return item;
}

}  // namespace

std::string meaning_of(std::string_view sql) {
    const std::vector<Token> tokens = tokens_of(sql);
    return joined(tokens, 0, tokens.size());
}

std::optional<TableText> TableText::parse(std::string_view sql) {
    const std::vector<Token> tokens = tokens_of(sql);
    if (tokens.size() < 4 || tokens[1].meaning != "table") return std::nullopt;
    std::size_t at = 2;
    while (at < tokens.size() && tokens[at].meaning != "(") ++at;
    TableText text;
    int depth = 0;
    std::size_t from = at + 1;
    for (; at < tokens.size(); ++at) {
        const std::string& word = tokens[at].meaning;
        if (word == "(") ++depth;
        if (word == ")") --depth;
        const bool ends = (depth == 1 && word == ",") || (depth == 0 && word == ")");
        if (ends && at > from) {
            Item item = item_of(sql, tokens, from, at);
            (item.name.empty() ? text.constraints : text.columns).push_back(std::move(item));
        }
        if (ends) from = at + 1;
        if (depth == 0) break;
    }
    text.options = joined(tokens, std::min(at + 1, tokens.size()), tokens.size());
    return text;
}

std::string TableText::sql(std::string_view name) const {
    std::vector<std::string> items;
    for (const Item& item : columns) items.push_back(item.written);
    for (const Item& item : constraints) items.push_back(item.written);
    return "CREATE TABLE " + quoted(name) + "(" + join(items, ", ") + ")" +
           (options.empty() ? "" : " " + options);
}

const TableText::Item* TableText::column(std::string_view name) const {
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const Item& item) { return same_name(item.name, name); });
    return found == columns.end() ? nullptr : &*found;
}

std::vector<std::string> TableText::stored() const {
    std::vector<std::string> names;
    for (const Item& item : columns) {
        if (!item.generated) names.push_back(item.name);
    }
    return names;
}

std::vector<std::string> TableText::key() const {
    for (const Item& item : columns) {
        if ((" " + item.meaning).find(" primary key") != std::string::npos) return {item.name};
    }
    std::vector<std::string> names;
    for (const Item& item : constraints) {
        constexpr std::string_view opening = "primary key (";
        const std::size_t at = item.meaning.find(opening);
        if (at == std::string::npos) continue;
        bool starts = true;
        for (const Token& token : tokens_of(item.meaning.substr(at + opening.size()))) {
            if (token.meaning == ")") break;
            if (starts) names.push_back(unquoted(token.meaning));
            starts = token.meaning == ",";
        }
    }
    return names;
}

bool TableText::same_as(const TableText& other) const {
    const auto alike = [](const Item& a, const Item& b) {
        return same_name(a.name, b.name) && a.meaning == b.meaning;
    };
    return options == other.options &&
           std::equal(columns.begin(), columns.end(), other.columns.begin(), other.columns.end(),
                      alike) &&
           std::equal(constraints.begin(), constraints.end(), other.constraints.begin(),
                      other.constraints.end(), alike);
}

}  // namespace tidemark
