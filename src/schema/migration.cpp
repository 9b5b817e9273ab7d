#include "schema/migration.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {
namespace {

constexpr const char* copy_name = "tidemark_copy";
constexpr const char* sequence_name = "tidemark_copy_sequence";

bool contains(const std::string& text, const char* word) {
    return text.find(word) != std::string::npos;
}

/// A name for the rowid that no column hides; empty where the table has none, or its key is it.
std::string rowid_name(const TableText& before, const TableText& after) {
    for (const TableText* table : {&before, &after}) {
        if (contains(table->options, "without rowid")) return {};
        for (const TableText::Item& column : table->columns) {
            if (column.meaning.starts_with("integer primary key")) return {};
        }
    }
    for (const char* name : {"rowid", "_rowid_", "oid"}) {
        if (!before.column(name) && !after.column(name)) return name;
    }
    return {};
}

bool counts_on(const TableText& table) {
    return std::any_of(
        table.columns.begin(), table.columns.end(),
        [](const TableText::Item& column) { return contains(column.meaning, "autoincrement"); });
}

class Writer {
public:
    Writer(const Catalog& from, const Catalog& to, const Renaming& renaming)
        : from_(from), to_(to), renaming_(renaming) {}

    Migration run() {
        for (const SchemaObject& object : from_) {
            if (object.type == "table") change_table(object);
            if (object.type == "view") {
                const SchemaObject* now = find(to_, "view", object.name);
                if (!now || !same_definition(object, *now)) replaced_.insert(lower(object.name));
            }
        }
        for (const SchemaObject& object : to_) {
            if (object.type == "table" && !is_known(object.name)) create(object);
        }
        std::vector<std::string> first;
        for (const SchemaObject& object : from_) {
            if (!is_table_or_mark(object) && !stays(object)) {
                first.push_back("DROP " + object.type + " IF EXISTS " + quoted(object.name));
            }
        }
        out_.statements.insert(out_.statements.begin(), first.begin(), first.end());
        for (const SchemaObject& object : to_) {
            const SchemaObject* was = find(from_, object.type, object.name);
            if (object.type == SchemaObject::mark) {
                if (!was || was->sql != object.sql) {
                    add("PRAGMA " + object.name + " = " + object.sql);
                }
            } else if (object.type != "table" && (!was || !stays(*was))) {
                add(object.sql);
            }
        }
        for (const SchemaObject& object : to_) refill(object);
        return std::move(out_);
    }

private:
    static bool is_table_or_mark(const SchemaObject& object) {
        return object.type == "table" || object.type == SchemaObject::mark;
    }

    bool is_known(const std::string& new_table) const {
        return std::any_of(from_.begin(), from_.end(), [&](const SchemaObject& object) {
            return object.type == "table" && same_name(renaming_.name_of(object.name), new_table);
        });
    }

    /// An index, view or trigger that needs nothing: neither it nor what it stands on is replaced.
    bool stays(const SchemaObject& object) const {
        const SchemaObject* now = find(to_, object.type, object.name);
        return now && same_definition(object, *now) && !replaced_.contains(lower(object.table)) &&
               !replaced_.contains(lower(object.name));
    }

    void change_table(const SchemaObject& table) {
        const std::string name = renaming_.name_of(table.name);
        const SchemaObject* now = find(to_, "table", name);
        if (!now) {
            replaced_.insert(lower(table.name));
            add("DROP TABLE " + quoted(table.name));
            out_.tables.push_back({table.name, {}, {}});
            return;
        }
        const bool is_renamed = !same_name(name, table.name);
        if (!is_renamed && same_definition(table, *now)) return;
        const auto before = TableText::parse(table.sql);
        const auto after = TableText::parse(now->sql);
        if (!before || !after) {  // what a virtual table holds is its module's
            replaced_.insert(lower(table.name));
            add("DROP TABLE " + quoted(table.name));
            create(*now);
            return;
        }
        const TableChange change =
            TableChange::between(*before, *after, renaming_.columns_of(name));
        Migration::Touched touched{table.name, name, {}};
        for (const std::string& column : before->stored()) {
            std::string kept = column;
            for (const auto& [old_name, item] : change.renamed) {
                if (same_name(old_name, column)) kept = item.name;
            }
            const TableText::Item* there = after->column(kept);
            if (there && !there->generated) touched.columns.emplace_back(column, there->name);
        }
        if (!is_renamed && only_adds(*before, *after, change)) {
            for (const TableText::Item& item : change.added) {
                add("ALTER TABLE " + quoted(name) + " ADD COLUMN " + item.written);
            }
        } else {
            rebuild(touched, *before, *after, now->sql);
        }
        out_.tables.push_back(std::move(touched));
    }

    static bool only_adds(const TableText& before, const TableText& after,
                          const TableChange& change) {
        TableChange rest = change;
        rest.added.clear();
        const auto at_end =
            after.columns.begin() + static_cast<std::ptrdiff_t>(before.columns.size());
        return rest.empty() && !change.added.empty() &&
               std::all_of(change.added.begin(), change.added.end(), can_be_added) &&
               std::all_of(after.columns.begin(), at_end, [&](const TableText::Item& item) {
                   return before.column(item.name) != nullptr;
               });
    }

    /// The table gets exactly the wanted text, which a rename at the end would not leave alone.
    void rebuild(const Migration::Touched& table, const TableText& before, const TableText& after,
                 const std::string& sql) {
        replaced_.insert(lower(table.from));
        std::vector<std::string> old_columns, new_columns;
        const std::string rowid = rowid_name(before, after);
        for (const auto& [old_name, new_name] : table.columns) {
            old_columns.push_back(quoted(old_name));
            new_columns.push_back(quoted(new_name));
        }
        const std::string copied = join(old_columns, ", ");
        const std::string rowid_there = rowid.empty() ? "" : "tidemark_rowid, ";
        const bool counts = counts_on(before) && counts_on(after);
        add("CREATE TABLE " + std::string(copy_name) + " AS SELECT " +
            (rowid.empty() ? "" : rowid + " AS tidemark_rowid, ") +
            (old_columns.empty() ? "1" : copied) + " FROM " + quoted(table.from));
        if (counts) {
            add("CREATE TABLE " + std::string(sequence_name) +
                " AS SELECT seq FROM sqlite_sequence WHERE name = " + literal(table.from));
        }
        add("DROP TABLE " + quoted(table.from));
        add(sql);
        if (!old_columns.empty()) {
            add("INSERT INTO " + quoted(table.to) + "(" + (rowid.empty() ? "" : rowid + ", ") +
                join(new_columns, ", ") + ") SELECT " + rowid_there + copied + " FROM " +
                copy_name);
        }
        if (counts) {
            add("DELETE FROM sqlite_sequence WHERE name = " + literal(table.to));
            add("INSERT INTO sqlite_sequence(name, seq) SELECT " + literal(table.to) +
                ", seq FROM " + sequence_name);
            add("DROP TABLE " + std::string(sequence_name));
        }
        add("DROP TABLE " + std::string(copy_name));
    }

    void create(const SchemaObject& table) {
        add(table.sql);
        out_.tables.push_back({{}, table.name, {}});
        replaced_.insert(lower(table.name));
    }

    /// A full-text table over rows that were there before it, or that were rebuilt under it.
    void refill(const SchemaObject& object) {
        if (!object.is_external_full_text()) return;
        const std::string text = meaning_of(object.sql);
        const bool over_replaced = std::any_of(
            out_.tables.begin(), out_.tables.end(), [&](const Migration::Touched& table) {
                return !table.to.empty() && contains(text, lower(table.to).c_str());
            });
        if (!over_replaced && !replaced_.contains(lower(object.name))) return;
        const std::string name = quoted(object.name);
        add("INSERT INTO " + name + "(" + name + ") VALUES ('rebuild')");
    }

    void add(std::string sql) { out_.statements.push_back(std::move(sql)); }

    const Catalog& from_;
    const Catalog& to_;
    const Renaming& renaming_;
    std::set<std::string> replaced_;
    Migration out_;
};

}  // namespace

bool can_be_added(const TableText::Item& column) {
    const std::string& text = column.meaning;
    for (const char* word : {"primary key", "unique", "current_", "default (", "stored"}) {
        if (contains(text, word)) return false;
    }
    return !contains(text, "not null") ||
           (contains(text, "default") && !contains(text, "default null"));
}

Migration Migration::between(const Catalog& from, const Catalog& to, const Renaming& renaming) {
    return Writer(from, to, renaming).run();
}

}  // namespace tidemark
