#include "sync/store.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "primary/ledger.hpp"
#include "sqlite/transaction.hpp"
#include "sync/conflict_log.hpp"
#include "sync/tally.hpp"

namespace tidemark {
namespace {

constexpr char id_separator = ' ';

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    while (from < text.size()) {
        const std::size_t to = std::min(text.find(id_separator, from), text.size());
        if (to > from) parts.push_back(text.substr(from, to - from));
        from = to + 1;
    }
    return parts;
}

}  // namespace

Caller Meta::caller() const {
    return {replica, device, lineage, mark, nonce, pushes, intent, schema};
}

void Meta::forget_intent() {
    if (intent.empty()) return;
    intent.clear();
    clock = intent_clock;
}

std::string origin_of(const std::string& replica, std::int64_t born_at) {
    return replica + "/" + std::to_string(born_at);
}

bool Meta::is_our_birth(const std::string& origin, std::int64_t born_at) const {
    if (origin == origin_of(replica, born_at)) return true;
    return std::any_of(former.begin(), former.end(),
                       [&](const std::string& id) { return origin == origin_of(id, born_at); });
}

void ColumnSettings::check(const std::vector<Table>& tables) const {
    const auto find_table = [&](const std::string& name, const char* option) -> const Table& {
        std::vector<std::string> names;
        for (const Table& table : tables) {
            if (same_name(table.name, name)) return table;
            names.push_back(table.name);
        }
        throw Error(ErrorCode::usage, "there is no table '" + name + "' for " + option,
                    "Tables: " + (names.empty() ? "none" : join(names, ", ")) + ".");
    };
    const auto find_column = [](const Table& table, const std::string& name, const char* option) {
        if (const auto column = table.column(name)) return *column;
        std::vector<std::string> names;
        for (const Column& column : table.columns) names.push_back(column.name);
        throw Error(ErrorCode::usage,
                    "the table " + table.name + " has no column '" + name + "' for " + option,
                    "Columns: " + join(names, ", ") + ".");
    };
    for (const Reference& reference : references) {
        find_column(find_table(reference.table, "--ref"), reference.column, "--ref");
        const Table& parent = find_table(reference.parent, "--ref");
        if (parent.key.size() == 1) continue;
        throw Error(ErrorCode::usage,
                    "the table " + parent.name + " has no key of one column that " +
                        reference.table + "." + reference.column + " could hold",
                    "Only a reference to a table with a one-column PRIMARY KEY can be declared.");
    }
    for (const ColumnName& name : renumbered) {
        const Table& table = find_table(name.table, "--unique");
        const std::size_t column = find_column(table, name.column, "--unique");
        const bool is_key = table.key == std::vector<std::size_t>{column};
        const bool is_unique =
            std::any_of(table.uniques.begin(), table.uniques.end(), [&](const Unique& unique) {
                return std::find(unique.columns.begin(), unique.columns.end(), column) !=
                       unique.columns.end();
            });
        if (is_key || is_unique) continue;
        throw Error(ErrorCode::usage,
                    "no UNIQUE constraint of the table " + table.name + " holds the column " +
                        table.columns[column].name,
                    "--unique is for columns under UNIQUE; the values of others never clash.");
    }
}

const TableSetting* setting_of(const std::vector<TableSetting>& settings, const Table& table) {
    for (const TableSetting& setting : settings) {
        if (same_name(setting.name, table.name)) return &setting;
    }
    return nullptr;
}

bool hands_out_keys(const Table& table, const std::vector<TableSetting>& settings) {
    if (!table.rowid_alias) return table.key.size() == 1 && table.is_renumbered(table.key[0]);
    const TableSetting* setting = setting_of(settings, table);
    return !setting || !setting->natural_key;
}

Store::Role Store::role() {
    if (!connection_.integer(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'tidemark_meta'")) {
        return Role::none;
    }
    const std::int64_t found = connection_.integer("SELECT format FROM tidemark_meta");
    if (found > ledger::format) {
        throw Error(ErrorCode::failed,
                    connection_.path() + " was written by a newer Tidemark (format " +
                        std::to_string(found) + ", this one knows " +
                        std::to_string(ledger::format) + ")",
                    "Upgrade Tidemark on this device; edits are still being collected meanwhile.");
    }
    const bool replica =
        connection_.scalar("SELECT role FROM tidemark_meta") == Value{std::string("replica")};
    return replica ? Role::replica : Role::primary;
}

/// A table has no "column".
constexpr const char* create_renamed = R"(
    CREATE TABLE IF NOT EXISTS tidemark_renamed(
        "table" TEXT NOT NULL,
        "column" TEXT NOT NULL,
        now TEXT NOT NULL))";

void Store::create(const Meta& meta, const std::vector<TableSetting>& settings,
                   const ColumnSettings& columns) {
    connection_.execute(R"(
        CREATE TABLE tidemark_meta(
            id INTEGER PRIMARY KEY CHECK (id = 1),
            role TEXT NOT NULL,
            format INTEGER NOT NULL,
            replica TEXT NOT NULL,
            device TEXT NOT NULL,
            former TEXT NOT NULL,
            primary_url TEXT NOT NULL,
            lineage TEXT NOT NULL,
            mark INTEGER NOT NULL,
            nonce TEXT NOT NULL,
            clock INTEGER NOT NULL,
            pushes INTEGER NOT NULL,
            intent TEXT NOT NULL,
            intent_at INTEGER NOT NULL,
            intent_clock INTEGER NOT NULL,
            schema INTEGER NOT NULL,
            schema_cookie INTEGER NOT NULL,
            state TEXT NOT NULL,
            policy TEXT NOT NULL,
            clock_offset_ms INTEGER NOT NULL);
        CREATE TABLE tidemark_tables(
            name TEXT PRIMARY KEY,
            excluded INTEGER NOT NULL,
            policy TEXT NOT NULL,
            natural_key INTEGER NOT NULL);
        CREATE TABLE tidemark_references(
            "table" TEXT NOT NULL,
            "column" TEXT NOT NULL,
            parent TEXT NOT NULL);
        CREATE TABLE tidemark_renumbered(
            "table" TEXT NOT NULL,
            "column" TEXT NOT NULL);
        CREATE TABLE tidemark_agreed(
            type TEXT NOT NULL,
            name TEXT NOT NULL,
            tbl TEXT NOT NULL,
            here TEXT NOT NULL,
            there TEXT NOT NULL,
            PRIMARY KEY(type, name));
        CREATE TABLE tidemark_history(
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            pushed INTEGER NOT NULL,
            pulled INTEGER NOT NULL,
            conflicts INTEGER NOT NULL,
            bytes_sent INTEGER NOT NULL,
            bytes_received INTEGER NOT NULL,
            duration_ms INTEGER NOT NULL,
            error TEXT NOT NULL))");
    connection_.execute(create_renamed);
    ConflictLog(connection_).create();
    Tally(connection_).create();
    for (const TableSetting& setting : settings) {
        connection_.execute("INSERT INTO tidemark_tables VALUES (?1, ?2, ?3, ?4)",
                            {setting.name, std::int64_t{setting.excluded}, setting.policy,
                             std::int64_t{setting.natural_key}});
    }
    for (const Reference& reference : columns.references) {
        connection_.execute("INSERT INTO tidemark_references VALUES (?1, ?2, ?3)",
                            {reference.table, reference.column, reference.parent});
    }
    for (const ColumnName& name : columns.renumbered) {
        connection_.execute("INSERT INTO tidemark_renumbered VALUES (?1, ?2)",
                            {name.table, name.column});
    }
    connection_.execute(
        "INSERT INTO tidemark_meta VALUES "
        "(1, 'replica', ?1, '', '', '', '', '', 0, '', 0, 0, '', 0, 0, 0, -1, '', '', 0)",
        {std::int64_t{ledger::format}});
    save(meta);
}

Meta Store::meta() {
    Statement& select = connection_.cached(R"(
        SELECT replica, device, former, primary_url, lineage, mark, nonce, clock, pushes, intent,
            intent_at, intent_clock, schema, schema_cookie, state, policy, clock_offset_ms
        FROM tidemark_meta)");
    const Reset reset(select);
    if (!select.step()) {
        throw Error(ErrorCode::failed, connection_.path() + " has lost its row in tidemark_meta",
                    "Detach it and attach it again with --merge.");
    }
    return {select.text(0),     select.text(1),     split(select.text(2)), select.text(3),
            select.text(4),     select.integer(5),  select.text(6),        select.integer(7),
            select.integer(8),  select.text(9),     select.integer(10),    select.integer(11),
            select.integer(12), select.integer(13), select.text(14),       select.text(15),
            select.integer(16)};
}

void Store::save(const Meta& meta) {
    connection_.execute(R"(
        UPDATE tidemark_meta SET replica = ?1, device = ?2, former = ?3, primary_url = ?4,
            lineage = ?5, mark = ?6, nonce = ?7, clock = ?8, pushes = ?9, intent = ?10,
            intent_at = ?11, intent_clock = ?12, schema = ?13, schema_cookie = ?14, state = ?15,
            policy = ?16, clock_offset_ms = ?17)",
                        {meta.replica, meta.device, join(meta.former, std::string(1, id_separator)),
                         meta.primary, meta.lineage, meta.mark, meta.nonce, meta.clock, meta.pushes,
                         meta.intent, meta.intent_at, meta.intent_clock, meta.schema,
                         meta.schema_cookie, meta.state, meta.policy, meta.clock_offset_ms});
}

void Store::drop() {
    for (const char* table :
         {"tidemark_meta", "tidemark_tables", "tidemark_references", "tidemark_renumbered",
          "tidemark_renamed", "tidemark_agreed", "tidemark_history", "tidemark_conflicts",
          "tidemark_settings", "tidemark_days"}) {
        connection_.execute("DROP TABLE IF EXISTS " + std::string(table));
    }
}

std::vector<TableSetting> Store::settings() {
    std::vector<TableSetting> settings;
    Statement& select = connection_.cached(
        "SELECT name, excluded, policy, natural_key FROM tidemark_tables ORDER BY name");
    const Reset reset(select);
    while (select.step()) {
        settings.push_back(
            {select.text(0), select.integer(1) != 0, select.text(2), select.integer(3) != 0});
    }
    return settings;
}

std::vector<std::string> Store::excluded() {
    std::vector<std::string> names;
    for (const TableSetting& setting : settings()) {
        if (setting.excluded) names.push_back(setting.name);
    }
    return names;
}

std::vector<Table> Store::tables() {
    const std::vector<TableSetting> known = settings();
    std::vector<Table> tables = synced_tables(connection_, excluded());
    std::erase_if(tables, [&](const Table& table) {
        return std::none_of(known.begin(), known.end(), [&](const TableSetting& setting) {
            return same_name(setting.name, table.name);
        });
    });
    add_column_settings(tables);
    return tables;
}

std::vector<Table> Store::all_tables() {
    std::vector<Table> tables = read_tables(connection_);
    add_column_settings(tables);
    return tables;
}

/// Adds what the schema does not declare. Names that a migration has dropped since mean nothing.
void Store::add_column_settings(std::vector<Table>& tables) {
    const auto named = [&](const std::string& name) {
        return std::find_if(tables.begin(), tables.end(),
                            [&](const Table& table) { return same_name(table.name, name); });
    };
    Statement& select =
        connection_.cached(R"(SELECT "table", "column", parent FROM tidemark_references)");
    const Reset reset_select(select);
    while (select.step()) {
        const auto child = named(select.text(0));
        const auto parent = named(select.text(2));
        if (child == tables.end() || parent == tables.end() || parent->key.size() != 1) continue;
        if (const auto column = child->column(select.text(1))) {
            child->foreign_keys.push_back(
                {{*column}, parent->name, {parent->columns[parent->key[0]].name}});
        }
    }
    Statement& renumbered =
        connection_.cached(R"(SELECT "table", "column" FROM tidemark_renumbered)");
    const Reset reset_renumbered(renumbered);
    while (renumbered.step()) {
        const auto table = named(renumbered.text(0));
        if (table == tables.end()) continue;
        if (const auto column = table->column(renumbered.text(1)))
            table->renumbered.push_back(*column);
    }
}

void Store::add_table(const std::string& name) {
    connection_.execute("INSERT INTO tidemark_tables VALUES (?1, 0, '', 0)", {name});
}

void Store::remove_table(const std::string& name) {
    connection_.execute("DELETE FROM tidemark_tables WHERE name = ?1 COLLATE NOCASE", {name});
}

void Store::rename_table(const std::string& from, const std::string& to) {
    for (const char* where : {"tidemark_tables SET name = ?2 WHERE name",
                              "tidemark_references SET \"table\" = ?2 WHERE \"table\"",
                              "tidemark_references SET parent = ?2 WHERE parent",
                              "tidemark_renumbered SET \"table\" = ?2 WHERE \"table\""}) {
        connection_.execute("UPDATE " + std::string(where) + " = ?1 COLLATE NOCASE", {from, to});
    }
    connection_.execute(create_renamed);
    connection_.execute(
        "UPDATE tidemark_renamed SET \"table\" = ?2 "
        "WHERE \"column\" <> '' AND \"table\" = ?1 COLLATE NOCASE",
        {from, to});
    connection_.execute("INSERT INTO tidemark_renamed VALUES (?1, '', ?2)", {from, to});
}

void Store::rename_column(const std::string& table, const std::string& from,
                          const std::string& to) {
    for (const char* settings : {"tidemark_references", "tidemark_renumbered"}) {
        connection_.execute("UPDATE " + std::string(settings) +
                                " SET \"column\" = ?3 WHERE \"table\" = ?1 COLLATE NOCASE "
                                "AND \"column\" = ?2 COLLATE NOCASE",
                            {table, from, to});
    }
    connection_.execute(
        "UPDATE tidemark_tables SET policy = 'column:' || ?3 "
        "WHERE name = ?1 COLLATE NOCASE AND policy = 'column:' || ?2 COLLATE NOCASE",
        {table, from, to});
    connection_.execute(create_renamed);
    connection_.execute(
        "INSERT INTO tidemark_renamed SELECT ?1, ?2, ?3 "
        "WHERE (?1, ?2, ?3) NOT IN (SELECT * FROM tidemark_renamed)",
        {table, from, to});
}

Renaming Store::former_names() {
    connection_.execute(create_renamed);
    Renaming renaming;
    Statement& select =
        connection_.cached(R"(SELECT "table", "column", now FROM tidemark_renamed ORDER BY rowid)");
    const Reset reset(select);
    while (select.step()) {
        const bool is_table = select.text(1).empty();
        Renames& renames = is_table ? renaming.tables : renaming.columns[lower(select.text(0))];
        const std::string from = select.text(is_table ? 0 : 1), to = select.text(2);
        for (auto& [first, last] : renames) {
            if (same_name(last, from)) last = to;
        }
        renames[from] = to;
    }
    return renaming;
}

Agreed Store::agreed() {
    Agreed agreed;
    Statement& select =
        connection_.cached("SELECT type, name, tbl, here, there FROM tidemark_agreed");
    const Reset reset(select);
    while (select.step()) {
        agreed.push_back(
            {select.text(0), select.text(1), select.text(2), select.text(3), select.text(4)});
    }
    return agreed;
}

void Store::save_agreed(const Catalog& here, const Catalog& there) {
    connection_.execute("DELETE FROM tidemark_agreed");
    for (const SchemaObject& object : here) {
        const SchemaObject* other = find(there, object.type, object.name);
        if (!other) continue;
        connection_.execute("INSERT INTO tidemark_agreed VALUES (?1, ?2, ?3, ?4, ?5)",
                            {object.type, object.name, object.table, object.sql, other->sql});
    }
}

void Store::remember(const SyncRecord& record) {
    Savepoint together(connection_);
    const bool nothing_new =
        record.error.empty() && record.pushed + record.pulled + record.conflicts == 0;
    // A watcher finds nothing new all day: that is one line, not the whole history.
    if (nothing_new) {
        connection_.execute(R"(
            DELETE FROM tidemark_history WHERE id = (SELECT max(id) FROM tidemark_history)
                AND error = '' AND pushed + pulled + conflicts = 0)");
    }
    connection_.execute(
        R"(
        INSERT INTO tidemark_history(at, pushed, pulled, conflicts, bytes_sent, bytes_received,
            duration_ms, error)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))",
        {record.at_ms, record.pushed, record.pulled, record.conflicts, record.bytes_sent,
         record.bytes_received, record.duration_ms, record.error});
    connection_.execute(
        "DELETE FROM tidemark_history WHERE id <= "
        "(SELECT max(id) FROM tidemark_history) - ?1",
        {tuning::history_rows});
    Tally(connection_).add(record);
    together.release();
}

std::vector<SyncRecord> Store::history(std::int64_t at_most) {
    std::vector<SyncRecord> records;
    Statement select(connection_, R"(
        SELECT at, pushed, pulled, conflicts, bytes_sent, bytes_received, duration_ms, error
        FROM tidemark_history ORDER BY id DESC LIMIT ?1)");
    select.bind(0, at_most);
    while (select.step()) {
        records.push_back({select.integer(0), select.integer(1), select.integer(2),
                           select.integer(3), select.integer(4), select.integer(5),
                           select.integer(6), select.text(7)});
    }
    return records;
}

}  // namespace tidemark
