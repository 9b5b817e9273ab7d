#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "sim/kinship.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "sim/oracle.hpp"
#include "sync/row_sql.hpp"

namespace tidemark::sim {
namespace {

/// A row that holds a token; none where several do.
struct Place {
    const Table* table = nullptr;
    Row row;
    bool several = false;
};

std::map<std::int64_t, Place> places_of(Connection& file, const Forms& forms) {
    std::map<std::int64_t, Place> places;
    for (const Form& form : forms) {
        Statement rows(
            file, "SELECT " + column_list(form.table, "") + " FROM " + quoted(form.table.name));
        while (rows.step()) {
            const Row row = rows.row();
            for (const Value& value : row) {
                const std::int64_t token = Oracle::token_in(value);
                if (token == 0) continue;
                Place& place = places[token];
                place.several = place.table != nullptr;
                place.table = &form.table;
                place.row = row;
            }
        }
    }
    return places;
}

bool same(sqlite3_value* a, sqlite3_value* b) {
    const int bytes = sqlite3_value_bytes(a);
    return sqlite3_value_type(a) == sqlite3_value_type(b) && bytes == sqlite3_value_bytes(b) &&
           (bytes == 0 || std::memcmp(sqlite3_value_blob(a), sqlite3_value_blob(b),
                                      static_cast<std::size_t>(bytes)) == 0);
}

}  // namespace

bool Kinship::judges(const Table& table) {
    return table.rowid_alias && table.uniques.empty() && table.expression_uniques.empty();
}

void Kinship::note(std::int64_t child, std::int64_t parent, const std::string& column) {
    links_[child] = {parent, column};
}

bool Kinship::is_used(const std::string& table, std::int64_t number) const {
    return deleted_.contains({table, number});
}

void Kinship::before_change(sqlite3* db, int operation, const std::string& table,
                            std::int64_t number) {
    if (operation == SQLITE_DELETE) {
        deleted_.emplace(table, number);
        return;
    }
    const bool insert = operation == SQLITE_INSERT;
    const int columns = sqlite3_preupdate_count(db);
    std::vector<std::int64_t> tokens;
    bool more = false;
    for (int c = 0; c < columns; ++c) {
        sqlite3_value *before = nullptr, *after = nullptr;
        if (sqlite3_preupdate_new(db, c, &after) != SQLITE_OK) continue;
        const std::int64_t token = Oracle::token_in(after);
        if (token != 0) tokens.push_back(token);
        if (insert) {
            more = more || (token != 0 && !born_.insert(token).second);
        } else if (sqlite3_preupdate_old(db, c, &before) == SQLITE_OK) {
            const std::int64_t old_token = Oracle::token_in(before);
            if (old_token != 0) tokens.push_back(old_token);
            more = more || (token == 0 && old_token == 0 && !same(before, after));
        }
    }
    if (more) changed_.insert(tokens.begin(), tokens.end());
}

std::string Kinship::wrong(Connection& file, const Forms& forms,
                           const std::vector<TableSetting>& settings) const {
    const std::map<std::int64_t, Place> places = places_of(file, forms);
    for (const auto& [token, link] : links_) {
        const auto child = places.find(token), parent = places.find(link.parent);
        if (child == places.end() || child->second.several || changed_.contains(token)) continue;
        if (parent == places.end() || parent->second.several || changed_.contains(link.parent)) {
            continue;
        }
        const Table& table = *child->second.table;
        const auto column = table.column(link.column);
        if (!column || !judges(table) || !hands_out_keys(table, settings)) continue;
        const Value& refers = child->second.row[*column];
        const Table& other = *parent->second.table;
        const Value& key = parent->second.row[other.key[0]];
        if (is_null(refers) || other.key.size() > 1 || compare(refers, key) == 0) continue;
        return "v" + std::to_string(token) + " in " + table.name +
               " refers to another row than that of v" + std::to_string(link.parent) + " in " +
               other.name;
    }
    return {};
}

}  // namespace tidemark::sim
