#include "sync/spool.hpp"

#include <boost/json.hpp>

#include "base/text.hpp"
#include "sqlite/transaction.hpp"
#include "sync/row_sql.hpp"

namespace tidemark {
namespace {

namespace json = boost::json;

/// The fields of an entry between the key and the columns.
constexpr std::size_t field_count = 7;

std::vector<merge::Stamp> read_stamps(const Table& table, const std::string& edited,
                                      merge::Stamp whole) {
    std::vector<merge::Stamp> stamps(table.columns.size(), whole);
    if (edited == "{}") return stamps;
    const json::value document = json::parse(edited);
    for (const auto& [name, stamp] : document.as_object()) {
        if (const auto column = table.column(name)) {
            stamps[*column] = {stamp.at(0).as_int64(), stamp.at(1).as_int64()};
        }
    }
    return stamps;
}

}  // namespace

std::string edited_json(const Table& table, const std::vector<std::size_t>& columns,
                        const std::vector<std::int64_t>& at, std::int64_t seq) {
    if (columns.empty()) return "{}";
    json::object out;
    for (const std::size_t c : columns) out[table.columns[c].name] = json::array{at[c], seq};
    return json::serialize(out);
}

Spool::Spool(Connection& connection, const Table& table, const std::string& purpose)
    : connection_(connection),
      table_(table),
      name_("temp." + quoted("tidemark_" + purpose + "_" + table.name)) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
        const Column& column = table.columns[table.key[i]];
        keys.push_back("k" + std::to_string(i + 1) + " " + name_of(column.affinity) + " COLLATE " +
                       quoted(column.collation));
    }
    if (table.rowid_alias) keys = {"k1 INTEGER PRIMARY KEY"};
    connection.execute("DROP TABLE IF EXISTS " + name_);
    connection.execute("CREATE TABLE " + name_ + "(" + join(keys, ", ") +
                       ", at, since, born, origin, edited, by_replica, gone, " + columns("") +
                       (table.rowid_alias ? ")" : ", PRIMARY KEY(" + key_list(table, "") + "))"));
}

std::string Spool::columns(std::string_view prefix) const {
    std::vector<std::string> names;
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
        names.push_back(std::string(prefix) + "c" + std::to_string(c + 1));
    }
    return join(names, ", ");
}

void Spool::clear() {
    if (counted_ && rows_ == 0) return;
    connection_.execute("DELETE FROM " + name_, {});
    rows_ = 0;
    counted_ = true;
}

void Spool::add(const std::vector<Row>& rows) {
    if (rows.empty()) return;
    // Outside a transaction each row would be one of its own, journal and all.
    Transaction transaction(connection_, Transaction::Kind::read, Transaction::Inside::join);
    const std::size_t keys = table_.key.size();
    Statement& insert =
        connection_.cached("INSERT OR REPLACE INTO " + name_ + " VALUES (" +
                           parameter_list(keys + field_count + table_.columns.size()) + ")");
    for (const Row& row : rows) {
        int parameter = 0;
        for (std::size_t i = 0; i < keys; ++i)
            insert.bind(parameter++, row[ledger::pull_fields + i]);
        for (const int field : {ledger::at, ledger::since, ledger::born, ledger::origin,
                                ledger::edited, ledger::by, ledger::gone}) {
            insert.bind(parameter++, row[static_cast<std::size_t>(field)]);
        }
        for (std::size_t i = ledger::pull_fields + keys; i < row.size(); ++i) {
            insert.bind(parameter++, row[i]);
        }
        insert.run();
    }
    insert.reset();
    transaction.commit();
    recount();
}

std::int64_t Spool::rows() {
    if (!counted_) rows_ = connection_.integer("SELECT count(*) FROM " + name_);
    counted_ = true;
    return rows_;
}

PulledRow Spool::read(const Table& table, const Row& pulled) {
    const std::size_t keys = table.key.size();
    const auto field = [&](std::size_t i) -> const Value& { return pulled[keys + i]; };
    PulledRow row;
    row.key.assign(pulled.begin(), pulled.begin() + static_cast<std::ptrdiff_t>(keys));
    row.origin = as_text(field(3));
    row.by = as_text(field(5));
    merge::Theirs& theirs = row.theirs;
    theirs.at = as_int(field(0));
    theirs.born = as_int(field(2));
    theirs.gone = as_int(field(6)) != 0;
    theirs.edited = read_stamps(table, as_text(field(4)), {theirs.at, as_int(field(1))});
    if (!theirs.gone) {
        theirs.values.assign(pulled.begin() + static_cast<std::ptrdiff_t>(keys + field_count),
                             pulled.end());
    }
    return row;
}

std::optional<PulledRow> Spool::find(const Row& key) {
    Statement& select = connection_.cached("SELECT * FROM " + name_ + " WHERE " + key_is(table_));
    const Reset reset(select);
    select.bind_all(key);
    if (!select.step()) return std::nullopt;
    return read(table_, select.row());
}

// Rows that were edited together carry the same text, so most of them need not be parsed.
std::int64_t Spool::clock() {
    return connection_.integer("SELECT max(at) FROM (SELECT max(at) AS at FROM " + name_ +
                               " UNION ALL SELECT max(json_extract(e.value, '$[0]')) FROM "
                               "(SELECT DISTINCT edited FROM " +
                               name_ + ") s, json_each(s.edited) e)");
}

}  // namespace tidemark
