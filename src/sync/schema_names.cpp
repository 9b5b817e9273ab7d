// What was renamed since both sides agreed, and by whom.

#include <algorithm>

#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "capture/trigger_text.hpp"
#include "capture/triggers.hpp"
#include "primary/schema_log.hpp"
#include "schema/renamed.hpp"
#include "sync/schema_round.hpp"

namespace tidemark {
namespace {

/// ALTER TABLE RENAME takes our triggers along, and leaves them the old table's name.
void add_renames(const Catalog& triggers, const std::vector<std::string>& tables,
                 Renames& renames) {
    for (const std::string& table : tables) {
        for (const std::string_view kind : capture::trigger_kinds) {
            const SchemaObject* trigger =
                find(triggers, "trigger", capture::trigger_name(table, kind));
            if (trigger && !same_name(trigger->table, table)) renames[table] = trigger->table;
        }
    }
}

/// Whether a schema has a table under its old name only.
bool lacks(const Catalog& catalog, const std::pair<const std::string, std::string>& renaming) {
    return find(catalog, "table", renaming.first) && !find(catalog, "table", renaming.second);
}

/// One renaming after others: what was already renamed goes on to the new name.
void append(Renames& renames, const std::string& from, const std::string& to) {
    for (auto& [first, last] : renames) {
        if (!same_name(last, from)) continue;
        last = to;
        return;
    }
    renames[from] = to;
}

}  // namespace

/// What the primary's list says of the tables since both last agreed.
void SchemaRound::read_marks(const std::vector<Row>& marks) {
    for (const Row& row : marks) {
        const std::string& kind = as_text(row[0]);
        const std::string& name = as_text(row[1]);
        const std::string& text = as_text(row[2]);
        if (kind == schema_log::reread) {
            reread_ = true;
        } else if (kind == schema_log::renamed) {
            append(listed_.tables, name, text);
            auto columns = listed_.columns.extract(lower(name));
            if (columns.empty()) continue;
            columns.key() = lower(text);
            listed_.columns.insert(std::move(columns));
        } else if (kind == schema_log::column) {
            const std::size_t end = text.find('\n');
            append(listed_.columns[lower(name)], text.substr(0, end), text.substr(end + 1));
        }
    }
}

void SchemaRound::find_renames() {
    Renames ours, theirs = listed_.tables;
    std::vector<std::string> names;
    for (const TableSetting& setting : store_.settings()) names.push_back(setting.name);
    Catalog triggers;
    Statement select(connection_,
                     "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'");
    while (select.step())
        triggers.push_back({select.text(0), select.text(1), select.text(2), select.text(3)});
    add_renames(triggers, names, ours);
    if (went_back_) {
        std::erase_if(theirs, [&](const auto& pair) { return !lacks(here_, pair); });
        for (const auto& pair : store_.former_names().tables) {
            if (lacks(there_, pair) && find(here_, "table", pair.second)) ours.insert(pair);
        }
    }
    add_renames(ours_there_, tracked_, theirs);
    renaming_.tables = ours;
    for (const auto& [from, to] : theirs) {
        const auto mine = ours.find(from);
        if (mine != ours.end() && !same_name(mine->second, to)) {
            throw Error(
                ErrorCode::failed,
                "the table " + from + " was renamed to " + mine->second + " here and to " + to +
                    " at the primary",
                "Nothing was changed. Give it the same name on both sides, then sync again.");
        }
        renaming_.tables[from] = to;
    }
    renamed_there_.tables = theirs;
    for (const auto& [table, columns] : listed_.columns) {
        Renames& there = renamed_there_.columns[lower(renaming_.name_of(table))];
        there.insert(columns.begin(), columns.end());
    }
    renaming_.columns = renamed_there_.columns;
    for (const AgreedObject& object : agreed_) {
        if (object.type != "table") continue;
        Renames& columns = renaming_.columns[lower(renaming_.name_of(object.name))];
        columns.merge(renamed_columns(object.name, object.here, triggers, here_));
    }
    for (const SchemaObject& table : listed_there_) {
        const Renames columns = renamed_columns(table.name, table.sql, ours_there_, there_);
        const std::string now = lower(renaming_.name_of(table.name));
        renamed_there_.columns[now].insert(columns.begin(), columns.end());
        renaming_.columns[now].insert(columns.begin(), columns.end());
    }
    if (!went_back_) return;
    for (auto& [table, columns] : store_.former_names().columns) {
        const SchemaObject* object = find(here_, "table", table);
        const auto text = object ? TableText::parse(object->sql) : std::nullopt;
        for (const auto& [from, to] : columns) {
            if (text && text->column(to)) renaming_.columns[table].emplace(from, to);
        }
    }
}

/// The name that a table of this file had when both last agreed: that of its pending entries.
std::string SchemaRound::agreed_name(const std::string& table) const {
    for (const auto& [from, to] : renaming_.tables) {
        if (same_name(to, table) && was_agreed(from) && !find(here_, "table", from)) return from;
    }
    return table;
}

bool SchemaRound::was_agreed(const std::string& table) const {
    return std::any_of(agreed_.begin(), agreed_.end(), [&](const AgreedObject& one) {
        return one.type == "table" && same_name(one.name, table);
    });
}

/// ALTER TABLE RENAME COLUMN rewrites the name in our update trigger too, where it stands beside
/// the column's bit. Nothing else says that a column was not dropped and another one added.
Renames SchemaRound::renamed_columns(const std::string& table, const std::string& base,
                                     const Catalog& triggers, const Catalog& now) const {
    const SchemaObject* trigger = find(triggers, "trigger", capture::trigger_name(table, "update"));
    const SchemaObject* current = trigger ? find(now, "table", trigger->table) : nullptr;
    const auto before = TableText::parse(base);
    const auto after = current ? TableText::parse(current->sql) : std::nullopt;
    Renames renames;
    if (!before || !after) return renames;
    const std::string text = meaning_of(trigger->sql);
    const std::vector<std::string> stored = before->stored();
    for (std::size_t i = 0; i < std::min(stored.size(), capture::rest_bit); ++i) {
        if (after->column(stored[i])) continue;
        for (const std::string& name : after->stored()) {
            for (const Affinity affinity : {Affinity::blob, Affinity::text}) {
                const std::string term = "CASE WHEN " +
                                         capture::changed_sql({name, affinity, {}, false}) +
                                         " THEN " + std::to_string(capture::bit_of(i)) + " ELSE";
                if (text.find(meaning_of(term)) != std::string::npos) renames[stored[i]] = name;
            }
        }
    }
    return renames;
}

/// A column keeps its old name in its own table, because only so it can be told that one side
/// renamed what the other one dropped.
Catalog SchemaRound::with_new_names(const Catalog& catalog) const {
    Catalog out = renamed(catalog, renaming_);
    if (went_back_) return out;
    const Catalog tables = renamed(catalog, {renaming_.tables, {}});
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i].type == "table") out[i] = tables[i];
    }
    return out;
}

Agreed SchemaRound::with_new_names(const Agreed& agreed) const {
    Catalog here, there;
    for (const AgreedObject& object : agreed) {
        here.push_back({object.type, object.name, object.table, object.here});
        there.push_back({object.type, object.name, object.table, object.there});
    }
    here = with_new_names(here);
    there = with_new_names(there);
    Agreed out;
    for (std::size_t i = 0; i < agreed.size(); ++i) {
        out.push_back({here[i].type, here[i].name, here[i].table, here[i].sql, there[i].sql});
    }
    return out;
}

}  // namespace tidemark
