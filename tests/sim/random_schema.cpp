#include "sim/random_schema.hpp"

#include "base/text.hpp"
#include "sqlite/connection.hpp"

namespace tidemark::sim {
namespace {

using Names = std::vector<std::string>;

struct Parent {
    std::string table;
    Names key;
    Names types;  ///< with collations
};

/// One table under way.
class TableDraft {
public:
    TableDraft(std::string name, SeededRng& rng) : name_(std::move(name)), rng_(rng) {}

    void draw_key() {
        strict_ = rng_.chance(10);
        switch (rng_.below(strict_ ? 5 : 12)) {
            case 0:
            case 1:
            case 2: column_key("INTEGER", rng_.chance(40) ? " AUTOINCREMENT" : ""); break;
            case 3: column_key("TEXT", ""); break;
            case 4: composite_key(); break;
            case 5: column_key("TEXT COLLATE NOCASE", ""); break;
            case 6: column_key("BLOB", ""); break;
            case 7: column_key("INT", ""); break;
            case 8: column_key("", ""); break;
            case 9:
                column_key(rng_.chance(50) ? "TEXT" : "VARCHAR(20)", "");
                without_rowid_ = true;
                break;
            case 10:
                composite_key();
                without_rowid_ = rng_.chance(60);
                break;
            case 11: column_key("REAL", ""); break;
        }
    }

    /// The key is two references, as of a table that links two others.
    void draw_link(const Parent& one, const Parent& other) {
        refer(one, "r1", " ON DELETE CASCADE", true);
        refer(other, "r2", " ON DELETE CASCADE", true);
        parent_.key = {"r1", "r2"};
        parent_.types = {one.types[0], other.types[0]};
        without_rowid_ = rng_.chance(50);
    }

    void draw_columns() {
        const std::int64_t data = 1 + rng_.below(3);
        for (std::int64_t i = 1; i <= data; ++i) {
            columns_.push_back(random_data_column("d" + std::to_string(i), strict_, rng_));
        }
        if (rng_.chance(50)) columns_.push_back("s1 INTEGER DEFAULT 0");
        if (rng_.chance(20)) {
            columns_.push_back("s2 INTEGER");
            columns_.push_back("s3 INTEGER");
            constraints_.push_back("CHECK (s2 <= s3)");
        }
        if (rng_.chance(30)) {
            const bool folded = rng_.chance(40);
            columns_.push_back("n1 TEXT" + std::string(folded ? " COLLATE NOCASE" : "") +
                               (rng_.chance(60) ? " UNIQUE" : ""));
            if (!columns_.back().ends_with("UNIQUE")) draw_unique_index();
        }
        if (rng_.chance(10)) {
            columns_.push_back("n2 INTEGER");
            columns_.push_back("n3 TEXT");
            constraints_.push_back("UNIQUE (n2, n3)");
        }
        numbered_ = rng_.chance(12);
        if (numbered_) {
            columns_.push_back(rng_.chance(50) || strict_ ? "q1 INTEGER UNIQUE" : "q1 TEXT UNIQUE");
        }
        if (rng_.chance(25)) columns_.push_back("u1 INTEGER DEFAULT 0");
        if (rng_.chance(12) && !strict_) {
            columns_.push_back("g1 TEXT AS (coalesce(d1, '') || '!')" +
                               std::string(rng_.chance(50) ? " STORED" : ""));
        }
    }

    void refer(const Parent& parent, const std::string& column, const std::string& actions,
               bool not_null = false) {
        Names columns;
        for (std::size_t i = 0; i < parent.key.size(); ++i) {
            columns.push_back(column + (parent.key.size() > 1 ? "_" + std::to_string(i + 1) : ""));
            columns_.push_back(columns.back() + " " + referring(parent.types[i]) +
                               (not_null ? " NOT NULL" : ""));
        }
        references_.push_back(join(columns, ", "));
        const bool named = rng_.chance(70);
        constraints_.push_back("FOREIGN KEY(" + join(columns, ", ") + ") REFERENCES " +
                               quoted(parent.table) +
                               (named ? "(" + join(parent.key, ", ") + ")" : "") + actions);
    }

    void draw_references(const std::vector<Parent>& parents) {
        static const Names on_delete = {" ON DELETE CASCADE", " ON DELETE CASCADE",
                                        " ON DELETE SET NULL", " ON DELETE RESTRICT", ""};
        const auto actions = [&] {
            std::string sql = rng_.one_of(on_delete);
            if (rng_.chance(30)) sql += " ON UPDATE CASCADE";
            if (rng_.chance(15)) sql += " DEFERRABLE INITIALLY DEFERRED";
            return sql;
        };
        if (!parents.empty() && rng_.chance(65)) refer(rng_.one_of(parents), "r1", actions());
        if (parents.size() > 1 && rng_.chance(15)) refer(rng_.one_of(parents), "r2", actions());
        if (parent_.key.size() == 1 && rng_.chance(15)) refer(parent(), "r3", actions());
    }

    void write(RandomSchema& schema) const {
        schema.statements.push_back(create());
        schema.statements.insert(schema.statements.end(), indexes_.begin(), indexes_.end());
        if (numbered_) schema.columns.renumbered.push_back({name_, "q1"});
    }

    Parent parent() const {
        Parent out = parent_;
        out.table = name_;
        return out;
    }

    bool has(const std::string& column) const {
        for (const std::string& one : columns_) {
            if (one.starts_with(column + " ")) return true;
        }
        return false;
    }
    /// The columns of each reference, with commas.
    const Names& references() const { return references_; }
    bool without_rowid() const { return without_rowid_; }
    const std::string& name() const { return name_; }

    std::string create() const {
        Names items = columns_;
        Names options;
        if (parent_.key.size() > 1) items.push_back("PRIMARY KEY(" + join(parent_.key, ", ") + ")");
        items.insert(items.end(), constraints_.begin(), constraints_.end());
        if (without_rowid_) options.push_back("WITHOUT ROWID");
        if (strict_) options.push_back("STRICT");
        return "CREATE TABLE " + quoted(name_) + "(" + join(items, ", ") + ")" +
               (options.empty() ? "" : " " + join(options, ", "));
    }

private:
    /// A STRICT table knows few types.
    std::string referring(const std::string& type) const {
        const bool anything = type.empty() || type == "BLOB" || type.starts_with("VARCHAR");
        return strict_ && anything ? "ANY" : type;
    }

    void column_key(const std::string& type, const std::string& more) {
        columns_.push_back("id " + type + " PRIMARY KEY" + more +
                           (type != "INTEGER" && rng_.chance(30) ? " NOT NULL" : ""));
        parent_.key = {"id"};
        parent_.types = {type};
    }

    void composite_key() {
        columns_.push_back("k1 TEXT");
        columns_.push_back("k2 INTEGER");
        parent_.key = {"k1", "k2"};
        parent_.types = {"TEXT", "INTEGER"};
    }

    void draw_unique_index() {
        const std::string& table = name_;
        const std::string on =
            "CREATE UNIQUE INDEX " + quoted(table + " unique") + " ON " + quoted(table);
        switch (rng_.below(has("s1") ? 3 : 2)) {
            case 0: indexes_.push_back(on + "(n1)"); break;
            case 1: indexes_.push_back(on + "(lower(n1))"); break;
            case 2: indexes_.push_back(on + "(n1) WHERE s1 > 0"); break;
        }
    }

    std::string name_;
    SeededRng& rng_;
    bool strict_ = false;
    bool without_rowid_ = false;
    bool numbered_ = false;
    Names columns_, constraints_, indexes_, references_;
    Parent parent_;
};

std::string same_key(const TableDraft& table, const std::string& row) {
    Names tests;
    for (const std::string& key : table.parent().key) tests.push_back(key + " = " + row + key);
    return join(tests, " AND ");
}

/// At most one row for each parent, or for each pair: a profile of a user, a tag of a note.
void draw_unique_references(const std::vector<TableDraft>& tables, SeededRng& rng,
                            RandomSchema& schema) {
    for (const TableDraft& table : tables) {
        if (table.references().empty() || !rng.chance(15)) continue;
        std::string columns = rng.one_of(table.references());
        switch (rng.below(3)) {
            case 0: break;
            case 1: columns += table.has("s1") ? ", s1" : ", d1"; break;
            case 2: columns = join(table.references(), ", "); break;
        }
        schema.statements.push_back("CREATE UNIQUE INDEX " + quoted(table.name() + " one") +
                                    " ON " + quoted(table.name()) + "(" + columns + ")");
    }
}

void draw_triggers(const std::vector<TableDraft>& tables, SeededRng& rng, RandomSchema& schema) {
    const auto trigger = [&](const std::string& name, const std::string& text) {
        schema.statements.push_back("CREATE TRIGGER " + quoted(name) + " " + text);
    };
    bool logged = false;
    for (const TableDraft& table : tables) {
        const std::string on = " ON " + quoted(table.name());
        if (table.has("u1") && rng.chance(60)) {
            trigger(table.name() + " touch",
                    "AFTER UPDATE OF d1" + on + " BEGIN UPDATE " + quoted(table.name()) +
                        " SET u1 = coalesce(u1, 0) + 1 WHERE " + same_key(table, "new.") + "; END");
        }
        if (rng.chance(10)) {
            if (!logged) schema.statements.push_back("CREATE TABLE local_log(what, who)");
            logged = true;
            trigger(table.name() + " log", "AFTER INSERT" + on +
                                               " BEGIN INSERT INTO local_log VALUES ('" +
                                               table.name() + "', new.d1); END");
        }
        if (table.has("s1") && rng.chance(4)) {
            trigger(table.name() + " refuse",
                    "BEFORE UPDATE OF s1" + on +
                        " WHEN new.s1 = 3 BEGIN SELECT RAISE(ABORT, 'three is refused'); END");
        }
        for (const TableDraft& parent : tables) {
            if (!table.has("r1") || parent.parent().key.size() != 1) continue;
            const std::string to = "REFERENCES " + quoted(parent.name());
            if (table.create().find("FOREIGN KEY(r1) " + to) == std::string::npos) continue;
            if (parent.has("u1") && rng.chance(40)) {
                trigger(table.name() + " count",
                        "AFTER INSERT" + on + " BEGIN UPDATE " + quoted(parent.name()) +
                            " SET u1 = coalesce(u1, 0) + 1 WHERE id = new.r1; END");
            }
            if (rng.chance(6)) {
                trigger(parent.name() + " sweep " + table.name(),
                        "AFTER DELETE ON " + quoted(parent.name()) + " BEGIN DELETE FROM " +
                            quoted(table.name()) + " WHERE r1 = old.id; END");
            }
        }
    }
}

/// A full-text index beside the first table that can have one.
void draw_full_text(const std::vector<TableDraft>& tables, RandomSchema& schema) {
    for (const TableDraft& table : tables) {
        if (table.without_rowid()) continue;
        schema.full_text = true;
        const std::string name = quoted(table.name()), on = " ON " + name;
        for (const std::string& sql :
             {"CREATE VIRTUAL TABLE local_text USING fts5(d1, content=" + name + ")",
              "CREATE TRIGGER text_i AFTER INSERT" + on +
                  " BEGIN INSERT INTO local_text(rowid, d1) VALUES (new.rowid, new.d1); END",
              "CREATE TRIGGER text_d AFTER DELETE" + on +
                  " BEGIN INSERT INTO local_text(local_text, rowid, d1)"
                  " VALUES ('delete', old.rowid, old.d1); END",
              "CREATE TRIGGER text_u AFTER UPDATE" + on +
                  " BEGIN INSERT INTO local_text(local_text, rowid, d1)"
                  " VALUES ('delete', old.rowid, old.d1);"
                  " INSERT INTO local_text(rowid, d1) VALUES (new.rowid, new.d1); END"}) {
            schema.statements.push_back(sql);
        }
        return;
    }
}

}  // namespace

std::string random_data_column(const std::string& name, bool strict, SeededRng& rng) {
    static const Names types = {"TEXT", "TEXT", "TEXT", "INTEGER", "REAL", "BLOB", "NUMERIC", ""};
    static const Names strict_types = {"TEXT", "INTEGER", "REAL", "BLOB", "ANY"};
    const std::string type = rng.one_of(strict ? strict_types : types);
    const std::string none = type == "BLOB" ? "x''" : "0";
    return name + " " + type + (rng.chance(15) ? " NOT NULL DEFAULT " + none : "") +
           (rng.chance(5) ? " CHECK (length(" + name + ") < 200)" : "");
}

std::string random_lone_table(const std::string& name, SeededRng& rng) {
    TableDraft table(name, rng);
    table.draw_key();
    table.draw_columns();
    return table.create();
}

RandomSchema RandomSchema::draw(SeededRng& rng) {
    RandomSchema schema;
    std::vector<TableDraft> tables;
    std::vector<Parent> parents;
    const std::int64_t count = 2 + rng.below(3);
    const std::string odd = rng.chance(10) ? " odd \"name\"" : "";
    for (std::int64_t i = 1; i <= count; ++i) {
        TableDraft table("t" + std::to_string(i) + (i == 2 ? odd : ""), rng);
        const bool link = parents.size() > 1 && parents[0].key.size() == 1 &&
                          parents[1].key.size() == 1 && rng.chance(25);
        if (link) {
            table.draw_link(parents[0], parents[1]);
        } else {
            table.draw_key();
        }
        table.draw_columns();
        if (!link) table.draw_references(parents);
        table.write(schema);
        parents.push_back(table.parent());
        if (rng.chance(10)) schema.natural_keys.push_back(table.name());
        tables.push_back(std::move(table));
    }
    SeededRng beside(SeededRng(rng).next());  // what is drawn from it changes nothing else
    draw_unique_references(tables, beside, schema);
    draw_triggers(tables, rng, schema);
    if (rng.chance(6)) draw_full_text(tables, schema);
    return schema;
}

}  // namespace tidemark::sim
