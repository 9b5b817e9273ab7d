// What a change of schema takes away with a table or a column: it is written down, or said.

#include <algorithm>

#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "capture/pending.hpp"
#include "capture/trigger_text.hpp"
#include "primary/ledger.hpp"
#include "schema/key.hpp"
#include "sync/conflict_log.hpp"
#include "sync/row_sql.hpp"
#include "sync/schema_round.hpp"

namespace tidemark {

/// The primary has dropped the table, or columns of it; what this device had edited there becomes
/// conflicts.
void SchemaRound::keep_pending(const Migration::Touched& change) {
    const auto table = read_table(connection_, change.from);
    const std::string known_as = agreed_name(change.from);
    const std::string pending = capture::pending_table(known_as);
    if (!table || table->key.empty() ||
        connection_.integer("SELECT count(*) FROM sqlite_schema WHERE name = ?1", {pending}) == 0) {
        return;
    }
    const auto is_kept = [&](const std::string& name) {
        return std::any_of(change.columns.begin(), change.columns.end(),
                           [&](const auto& pair) { return same_name(pair.first, name); });
    };
    // The bits of the entries are still those of the columns that were agreed on last.
    std::vector<std::string> captured;
    for (const AgreedObject& object : agreed_) {
        const auto text = object.type == "table" && same_name(object.name, known_as)
                              ? TableText::parse(object.here)
                              : std::nullopt;
        if (text) captured = text->stored();
    }
    std::vector<std::size_t> gone;
    std::int64_t mask = 0;
    for (std::size_t bit = 0; bit < captured.size(); ++bit) {
        const auto column = table->column(captured[bit]);
        if (!column || is_kept(captured[bit])) continue;
        gone.push_back(*column);
        mask |= capture::bit_of(bit);
    }
    if (gone.empty()) return;
    // A table that was rebuilt here has lost its triggers, and until it was compared any of its
    // rows may have changed. A primary that has lost commits has acknowledged what it does not
    // know.
    const bool noted = (meta_.state == state::ready || meta_.state == state::reread) &&
                       (first_ || seen_up_to_ == meta_.mark);
    const bool has_triggers =
        connection_.integer(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name = ?1",
            {capture::trigger_name(known_as, "insert")}) > 0;
    const std::string all =
        "SELECT 0, " + column_list(*table, "t.") + " FROM " + quoted(change.from) + " t";
    const std::string edited = "SELECT max(p.at), " + column_list(*table, "t.") + " FROM " +
                               quoted(pending) + " p JOIN " + quoted(change.from) + " t ON " +
                               row_match(*table, "t", "p") + " WHERE p.cols = -1 OR p.cols & " +
                               std::to_string(mask) + " GROUP BY " + key_list(*table, "p.");
    ConflictLog log(connection_);
    Statement rows(connection_, noted && has_triggers ? edited : all);
    while (rows.step()) {
        Row row = rows.row();
        const std::int64_t at = as_int(row[0]);
        row.erase(row.begin());
        const bool empty =
            std::all_of(gone.begin(), gone.end(), [&](std::size_t c) { return is_null(row[c]); });
        if (empty && !change.to.empty()) continue;
        Conflict conflict;
        conflict.at_ms = connection_.integer("SELECT " + capture::now_ms_sql());
        conflict.table = change.to.empty() ? change.from : change.to;
        conflict.key = named_key(*table, key_of(*table, row));
        conflict.reason =
            change.to.empty() ? "the table was dropped there" : "the column was dropped there";
        if (!change.to.empty()) {
            for (const std::size_t c : gone) conflict.columns.push_back(table->columns[c].name);
        }
        conflict.here = named_row(*table, row);
        conflict.here_at_ms = at;
        conflict.here_device = meta_.device;
        log.add(conflict);
    }
}

std::vector<Conflict> SchemaRound::unseen_in(const Migration& migration) {
    std::vector<Conflict> unseen;
    for (const Migration::Touched& table : migration.tables) {
        for (Conflict& conflict : unseen_in(table)) unseen.push_back(std::move(conflict));
    }
    return unseen;
}

/// This device has dropped columns of a table, and others have changed their values at the primary
/// since the last sync. Nobody here has decided about those values: they become conflicts.
std::vector<Conflict> SchemaRound::unseen_in(const Migration::Touched& change) {
    std::string tracked = contains_name(tracked_, change.from) ? change.from : std::string();
    for (const auto& [from, to] : renaming_.tables) {
        if (same_name(to, change.from) && contains_name(tracked_, from)) tracked = from;
    }
    const SchemaObject* object = find(there_, "table", change.from);
    const auto text = object ? TableText::parse(object->sql) : std::nullopt;
    const auto table = read_table(connection_, change.to);
    if (!text || change.to.empty() || !table || tracked.empty()) return {};
    std::vector<std::string> names = text->stored(), gone, values, key, unseen;
    for (const std::string& name : names) {
        const bool kept =
            std::any_of(change.columns.begin(), change.columns.end(),
                        [&](const auto& pair) { return same_name(pair.first, name); });
        values.push_back("t." + quoted(std::string_view(name)));
        if (kept) continue;
        gone.push_back(name);
        unseen.push_back(values.back() +
                         " IS NOT NULL AND (p.k1 IS NOT NULL OR coalesce(json_extract(r.edited, " +
                         literal("$.\"" + name + "\"[1]") + "), r.since) > ?1)");
    }
    if (gone.empty()) return {};
    for (const std::size_t c : table->key) {
        for (const auto& [before, now] : change.columns) {
            if (same_name(now, table->columns[c].name)) key.push_back(before);
        }
    }
    if (key.size() != table->key.size()) return {};
    const auto is_key_of = [&](const std::string& entry) {
        std::vector<std::string> tests;
        for (std::size_t i = 0; i < key.size(); ++i) {
            tests.push_back(entry + "." + capture::key_column(i) + " = t." +
                            quoted(std::string_view(key[i])));
        }
        return join(tests, " AND ");
    };
    const auto found =
        run_all(primary_.endpoint(),
                {{"SELECT DISTINCT coalesce((SELECT d.name FROM tidemark_commits c JOIN "
                  "tidemark_replicas d "
                  "ON d.id = c.replica WHERE c.seq = r.seq), ''), " +
                      join(values, ", ") + " FROM " + quoted(change.from) + " t LEFT JOIN " +
                      quoted(ledger::rows_table(tracked)) + " r ON " + is_key_of("r") +
                      " AND r.seq > ?1 AND NOT r.gone LEFT JOIN " +
                      quoted(capture::pending_table(tracked)) + " p ON " + is_key_of("p") +
                      " WHERE (" + join(unseen, ") OR (") + ")",
                  {{seen_up_to_}}}});
    ConflictLog log(connection_);
    std::vector<Conflict> unwritten;
    for (const Row& row : found[0].rows) {
        Conflict conflict;
        conflict.at_ms = connection_.integer("SELECT " + capture::now_ms_sql());
        conflict.table = change.to;
        conflict.reason = "the column was dropped here";
        conflict.lost_here = false;
        conflict.columns = gone;
        for (std::size_t c = 0; c < names.size(); ++c) {
            conflict.there.emplace_back(names[c], row[c + 1]);
            if (contains_name(key, names[c])) conflict.key.emplace_back(names[c], row[c + 1]);
        }
        conflict.there_device = as_text(row[0]);
        if (!log.has(conflict)) unwritten.push_back(std::move(conflict));
    }
    return unwritten;
}

/// A table that was dropped here, while others changed rows of it that this device has not seen.
void SchemaRound::say_what_is_lost() {
    for (const AgreedObject& object : agreed_) {
        const std::string now = renaming_.name_of(object.name);
        const bool is_here = find(here_, "table", object.name) || find(here_, "table", now);
        const bool is_there = find(there_, "table", object.name) || find(there_, "table", now);
        const std::string tracked = contains_name(tracked_, object.name) ? object.name : now;
        if (object.type != "table" || is_here || !is_there || !contains_name(tracked_, tracked)) {
            continue;
        }
        const auto found =
            run_all(primary_.endpoint(),
                    {{"SELECT EXISTS (SELECT 1 FROM " + quoted(ledger::rows_table(tracked)) +
                          " WHERE seq > ?1 AND NOT gone) OR EXISTS (SELECT 1 FROM " +
                          quoted(capture::pending_table(tracked)) + ")",
                      {{seen_up_to_}}}});
        if (as_int(found[0].rows.at(0)[0]) == 0) continue;
        throw Error(
            ErrorCode::failed,
            "the table " + object.name +
                " was dropped here, and its rows were changed at the "
                "primary since the last sync",
            "Nothing was changed. Create the table here again and sync to get those rows, or "
            "drop it at the primary too.");
    }
}

}  // namespace tidemark
