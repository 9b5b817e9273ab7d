#include "sync/schema_round.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <optional>

#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "capture/pending.hpp"
#include "capture/trigger_text.hpp"
#include "capture/triggers.hpp"
#include "primary/schema_log.hpp"
#include "sqlite/transaction.hpp"
#include "sync/conflict_log.hpp"

namespace tidemark {
namespace {

Agreed in_common(const Catalog& here, const Catalog& there) {
    Agreed common;
    for (const SchemaObject& object : here) {
        const SchemaObject* other = find(there, object.type, object.name);
        if (!other) continue;
        common.push_back({object.type, object.name, object.table, object.sql, other->sql});
    }
    return common;
}

/// A table that both sides have had, but with other columns, has been changed here.
void take_differences_as_ours(Agreed& agreed) {
    for (AgreedObject& object : agreed) {
        const auto here = TableText::parse(object.here);
        const auto there = TableText::parse(object.there);
        if (object.type != "table" || !here || !there) continue;
        const TableChange change = TableChange::between(*there, *here, {});
        if (!change.added.empty() || !change.dropped.empty()) {
            object.here = object.there;
        }
    }
}

/// Nobody knows what either side dropped since the backup was taken, so neither dropped anything.
/// Where a definition differs, ours is the newer one.
void take_all_of_both(Agreed& agreed) {
    for (AgreedObject& object : agreed) {
        const auto here = TableText::parse(object.here);
        const auto there = TableText::parse(object.there);
        object.here = object.there;
        if (object.type != "table" || !here || !there) continue;
        TableText common = *there;
        std::erase_if(common.columns, [&](const auto& item) { return !here->column(item.name); });
        std::erase_if(common.constraints, [&](const auto& item) {
            return std::none_of(here->constraints.begin(), here->constraints.end(),
                                [&](const auto& one) { return one.meaning == item.meaning; });
        });
        object.here = object.there = common.sql(object.name);
    }
}

Error changes_too_often() {
    return Error(ErrorCode::failed, "the primary changed too often to agree on its schema",
                 "Try again in a moment; everything pending is kept.");
}

/// What must not have changed at the primary between reading its schema and changing it.
std::string seen_sql() {
    return "SELECT m.schema, m.seq, v.schema_version, u.user_version, a.application_id "
           "FROM tidemark_meta m, pragma_schema_version v, pragma_user_version u, "
           "pragma_application_id a";
}

/// The commits there that this replica has seen: none, where the one of its mark is another by now.
std::string seen_up_to_sql() {
    return "SELECT CASE WHEN ?1 < m.pruned OR "
           "(SELECT nonce FROM tidemark_commits WHERE seq = ?1) = ?2 THEN ?1 ELSE 0 END "
           "FROM tidemark_meta m";
}

}  // namespace

SchemaRound::SchemaRound(Connection& connection, Primary& primary, Rng& rng)
    : connection_(connection), primary_(primary), rng_(rng), store_(connection) {}

bool SchemaRound::is_as_agreed() {
    const std::int64_t cookie = connection_.integer("PRAGMA schema_version");
    Meta meta = store_.meta();
    std::optional<Transaction> transaction;
    if (meta.schema_cookie != cookie) {
        transaction.emplace(connection_, Transaction::Kind::write);
        meta = store_.meta();
    }
    const Agreed agreed = store_.agreed();
    const Catalog here = read_schema(connection_);
    const auto same = [&](const SchemaObject& object) {
        return std::any_of(agreed.begin(), agreed.end(), [&](const AgreedObject& one) {
            return one.type == object.type && one.name == object.name && one.here == object.sql;
        });
    };
    if (agreed.size() != here.size() || !std::all_of(here.begin(), here.end(), same)) return false;
    if (meta.schema_cookie == cookie) return true;
    for (const Table& table : store_.tables()) {
        if (!capture::installed(connection_, table)) return false;
    }
    meta.schema_cookie = cookie;
    store_.save(meta);
    transaction->commit();
    return true;
}

void SchemaRound::run() {
    primary_.endpoint().quiet({});
    connection_.forget_statements();
    for (int attempt = 0; attempt < tuning::max_retakes; ++attempt) {
        SchemaRound round(connection_, primary_, rng_);
        try {
            round.fold();
            if (!round.agree()) continue;
        } catch (const Error& error) {
            if (error.code() == ErrorCode::unreachable || !round.is_outdated()) throw;
            continue;
        }
        sent_ = std::move(round.sent_);
        received_ = std::move(round.received_);
        rows_first_ = std::move(round.rows_first_);
        return;
    }
    throw changes_too_often();
}

void SchemaRound::try_out(const std::function<void()>& look) {
    if (!primary_.endpoint().holds_transactions()) {
        throw Error(ErrorCode::failed,
                    "the schema has changed on one side, and the primary " +
                        primary_.endpoint().name() + " cannot try a change out",
                    "Run 'tidemark sync': it carries the change over first.");
    }
    primary_.endpoint().quiet({});
    connection_.forget_statements();
    primary_.begin();
    trying_out_ = true;
    try {
        Transaction transaction(connection_, Transaction::Kind::write);
        if (!agree()) throw changes_too_often();
        look();
    } catch (...) {
        primary_.abandon();
        throw;
    }
    primary_.abandon();
}

/// What other programs wrote at the primary gets its number first: a changed schema makes new
/// triggers, and what the old ones have noted goes with them.
void SchemaRound::fold() {
    const auto found =
        run_all(primary_.endpoint(),
                {{seen_sql()}, {"SELECT name FROM tidemark_tables"}, {schema_log::tables_sql()}});
    seen_ = found[0].rows.at(0);
    std::vector<Table> written;
    std::map<std::string, std::string> called;
    for (const Row& tracked : found[1].rows) {
        Table table;
        table.name = as_text(tracked[0]);
        const auto there = run_all(
            primary_.endpoint(),
            {{"SELECT EXISTS (SELECT 1 FROM " + quoted(capture::pending_table(table.name)) + ")"},
             // ALTER TABLE RENAME takes the triggers along; a table made anew has lost them.
             {"SELECT x.name, x.pk, t.name FROM (SELECT coalesce((SELECT tbl_name FROM "
              "sqlite_schema WHERE type = 'trigger' AND name = ?1), ?2) AS name) t, "
              "pragma_table_xinfo(t.name) x WHERE x.hidden = 0 ORDER BY x.cid",
              {{capture::trigger_name(table.name, "insert"), table.name}}}});
        if (there[1].rows.empty()) continue;
        called[table.name] = as_text(there[1].rows[0][2]);
        // What was noted is in the key and the bits of the columns that the triggers were made for.
        std::vector<std::string> noted_key;
        for (const Row& listed : found[2].rows) {
            const auto text = same_name(as_text(listed[0]), table.name)
                                  ? TableText::parse(as_text(listed[1]))
                                  : std::nullopt;
            if (!text) continue;
            for (const std::string& name : text->stored()) table.columns.push_back({name});
            noted_key = text->key();
        }
        std::map<std::int64_t, std::string> key;
        for (const Row& column : there[1].rows) {
            if (as_int(column[1]) != 0) key[as_int(column[1])] = as_text(column[0]);
        }
        for (const auto& [position, name] : key) {
            const auto c = table.column(name);
            if (c) table.key.push_back(*c);
        }
        const bool same_key = std::equal(
            key.begin(), key.end(), noted_key.begin(), noted_key.end(),
            [](const auto& now, const std::string& then) { return same_name(now.second, then); });
        if (key.empty() || !same_key) continue;
        folded_.push_back(table.name);
        if (as_int(there[0].rows.at(0)[0]) != 0) written.push_back(std::move(table));
    }
    if (!written.empty()) primary_.fold(any_schema, written, rng_.identity(), called);
}

/// Whether the primary is no longer what was read of it, so that an error need not mean anything.
bool SchemaRound::is_outdated() {
    const auto found = run_all(primary_.endpoint(), {{seen_sql()}});
    return !seen_.empty() && found[0].rows.at(0) != seen_;
}

bool SchemaRound::agree() {
    meta_ = store_.meta();
    first_ = store_.agreed().empty();
    read_primary();
    Transaction transaction(connection_, Transaction::Kind::write, Transaction::Inside::join);
    here_ = read_schema(connection_);
    agreed_ = first_ ? in_common(here_, there_) : store_.agreed();
    find_renames();
    Combination combination = combined();
    if (!went_back_) say_what_is_lost();
    const auto wait_or_throw = [&](const SqlError& error, RowsFirst rows) {
        if (!rows_can_move_first(error)) throw Error(rows.reason);
        transaction.rollback();
        wait_for(std::move(rows));
        return true;
    };
    try {
        while (!try_here(combination.target)) continue;
    } catch (const SqlError& error) {
        const Error reason(
            ErrorCode::failed,
            "the primary's change of schema cannot be made here: " + error.message(),
            "Undo it there, or make it one that the rows here allow; nothing is lost.");
        return wait_or_throw(error, {RowsFirst::Of::primary, reason, version_there_});
    }
    const Migration there = Migration::between(there_, combination.target, renaming_);
    const std::vector<Conflict> unseen = unseen_in(there);
    if (!unseen.empty() && !trying_out_) {
        // Written before anything is taken away there, because no answer may ever tell.
        transaction.rollback();
        Transaction kept(connection_, Transaction::Kind::write);
        for (const Conflict& conflict : unseen) ConflictLog(connection_).add(conflict);
        kept.commit();
        return false;
    }
    try {
        if (!change_primary(there)) return false;
    } catch (const SqlError& error) {
        const Error reason(
            ErrorCode::failed,
            "this device's change of schema cannot be made at the primary " +
                primary_.endpoint().name() + ": " + error.message(),
            "Undo it here, or make it one that the rows there allow; nothing is lost.");
        return wait_or_throw(error, {RowsFirst::Of::device, reason, version_there_});
    }
    received_ = changes_between(here_, combination.target, renaming_);
    sent_ = changes_between(there_, combination.target, renaming_);
    set_state();
    meta_.schema_cookie = connection_.integer("PRAGMA schema_version");
    store_.save(meta_);
    transaction.commit();
    return true;
}

/// False where the target has changed. A unique index that a restored primary brings back may have
/// been dropped here for rows that it does not allow: then it stays dropped.
bool SchemaRound::try_here(Catalog& target) {
    try {
        Savepoint savepoint(connection_);
        change_here(Migration::between(here_, target, renaming_), target);
        savepoint.release();
        return true;
    } catch (const SqlError& error) {
        const auto failed = [&](const SchemaObject& object) {
            return object.type == "index" && !find(here_, object.type, object.name) &&
                   error.message().ends_with(object.sql);
        };
        const bool constraint = error.primary_code() == SQLITE_CONSTRAINT;
        if (went_back_ && constraint && std::erase_if(target, failed) > 0) return false;
        throw;
    }
}

/// One side's constraints are new, and the other side's rows may only lack the edits that were made
/// to keep them. Those can be carried over by both schemas where the columns are the same.
bool SchemaRound::rows_can_move_first(const SqlError& error) {
    if (error.primary_code() != SQLITE_CONSTRAINT || first_ || trying_out_) return false;
    const std::vector<TableSetting> settings = store_.settings();
    return std::all_of(settings.begin(), settings.end(), [&](const TableSetting& setting) {
        const SchemaObject* here = find(here_, "table", setting.name);
        const SchemaObject* there = find(there_, "table", setting.name);
        const auto agreed = std::find_if(agreed_.begin(), agreed_.end(), [&](const auto& one) {
            return one.type == "table" && same_name(one.name, setting.name);
        });
        if (setting.excluded) return true;
        if (!here || !there || agreed == agreed_.end()) return false;
        const auto ours = TableText::parse(here->sql), theirs = TableText::parse(there->sql);
        const auto before = TableText::parse(agreed->here);
        return ours && theirs && before && ours->stored() == before->stored() &&
               ours->key() == before->key() && ours->stored() == theirs->stored() &&
               ours->key() == theirs->key();
    });
}

void SchemaRound::wait_for(RowsFirst rows) {
    Transaction transaction(connection_, Transaction::Kind::write);
    meta_ = store_.meta();
    for (const Table& table : store_.tables()) {
        if (!capture::installed(connection_, table)) uncaptured_ = true;
    }
    set_state();
    store_.save(meta_);
    transaction.commit();
    rows_first_ = std::move(rows);
}

void SchemaRound::read_primary() {
    std::vector<Step> steps{primary_.opening("BEGIN")};
    const auto ask = [&](const std::string& sql, Row arguments = {}) {
        steps.push_back({sql, {std::move(arguments)}});
        return steps.size() - 1;
    };
    const std::size_t catalog = ask(catalog_sql());
    const std::size_t marks = ask(marks_sql());
    const std::size_t seen = ask(seen_sql());
    const std::size_t tracked = ask("SELECT name FROM tidemark_tables");
    const std::size_t ours =
        ask("SELECT type, name, tbl_name, sql FROM sqlite_schema "
            "WHERE sql IS NOT NULL AND lower(name) GLOB 'tidemark_*'");
    const std::size_t listed_marks = ask(schema_log::marks_after_sql(), {meta_.schema});
    const std::size_t altered_names = ask(schema_log::altered_names_sql());
    const std::size_t changed_often = ask(schema_log::changed_often_sql(), {meta_.schema});
    const std::size_t listed_tables = ask(schema_log::tables_sql());
    const std::size_t had = ask(schema_log::had_sql(), {meta_.schema});
    const std::size_t seen_up_to = ask(seen_up_to_sql(), {meta_.mark, meta_.nonce});
    steps.push_back(primary_.closing());
    const std::vector<Rows> found = run_all(primary_.endpoint(), steps);

    seen_ = found[seen].rows.at(0);
    version_there_ = as_int(seen_[0]);
    seen_up_to_ = as_int(found[seen_up_to].rows.at(0)[0]);
    went_back_ = !first_ && as_int(found[had].rows.at(0)[0]) == 0;
    // What was dropped here is there again, with the values that it had.
    reread_ = went_back_ || (!first_ && as_int(found[changed_often].rows.at(0)[0]) != 0);
    there_ = read_catalog(found[catalog].rows);
    for (SchemaObject& mark : read_catalog(found[marks].rows)) there_.push_back(std::move(mark));
    ours_there_ = read_catalog(found[ours].rows);
    for (const Row& row : found[tracked].rows) tracked_.push_back(as_text(row[0]));
    for (const Row& row : found[listed_tables].rows) {
        listed_there_.push_back({"table", as_text(row[0]), as_text(row[0]), as_text(row[1])});
    }
    if (!first_) read_marks(found[listed_marks].rows);
    if (version_there_ == 0) return;  // nothing was listed yet
    for (const Row& row : found[altered_names].rows) altered_.push_back(as_text(row[0]));
}

Combination SchemaRound::combined() {
    const Catalog here = with_new_names(here_), there = with_new_names(there_);
    Agreed base = first_ || went_back_ ? in_common(here, there) : with_new_names(agreed_);
    if (first_) take_differences_as_ours(base);
    if (went_back_) take_all_of_both(base);
    Combination combination = combine(base, here, there, renaming_);
    if (combination.clashes.empty()) return combination;
    throw Error(
        ErrorCode::failed,
        "the schema was changed here and at the primary " + primary_.endpoint().name() +
            ", and the changes contradict each other: " + join(combination.clashes, "; "),
        "Nothing was changed. Make it the same on both sides, then sync again; edits are kept.");
}

void SchemaRound::set_state() {
    if (meta_.state == state::ready) {
        if (uncaptured_ && reread_)
            meta_.state = state::comparing;
        else if (uncaptured_)
            meta_.state = state::recaptured;
        else if (reread_)
            meta_.state = state::reread;
    } else if ((meta_.state == state::recaptured && reread_) ||
               (meta_.state == state::reread && uncaptured_) ||
               (meta_.state == state::returning && uncaptured_)) {
        meta_.state = state::comparing;
    }
}

}  // namespace tidemark
