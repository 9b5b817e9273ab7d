#include "primary/primary.hpp"

#include <sqlite3.h>

#include <iterator>

#include "base/tuning.hpp"
#include "capture/pending.hpp"
#include "primary/schema_log.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {
namespace {

void append(std::vector<Step>& steps, const std::vector<Step>& more) {
    steps.insert(steps.end(), more.begin(), more.end());
}

bool refused_by_guard(const Answer& answer, std::size_t guard) {
    return answer.failure && answer.results.size() == guard &&
           answer.failure->primary_code() == SQLITE_CONSTRAINT;
}

}  // namespace

bool Primary::initialised() {
    const auto rows = run_all(
        endpoint_,
        {{"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'tidemark_meta'"}});
    return as_int(rows[0].rows[0][0]) > 0;
}

/// What the schema is comes first: if it has moved on, the rest may fail.
std::vector<Step> Primary::head_steps(const Caller& caller, const std::vector<Table>& tables,
                                      bool writing) {
    return {{"SELECT schema, " + schema_log::altered_sql(writing) + " FROM tidemark_meta"},
            head_step(caller, tables)};
}

bool Primary::schema_moved(const Caller& caller, const Answer& answer, std::size_t at) {
    if (answer.results.size() <= at || caller.schema == any_schema) return false;
    const Row& row = answer.results[at].rows.at(0);
    return as_int(row[0]) != caller.schema || as_int(row[1]) != 0;
}

Step Primary::head_step(const Caller& caller, const std::vector<Table>& tables) {
    return {"SELECT m.format, m.lineage, m.seq, m.schema, m.uploader, " + capture::now_ms_sql() +
                R"(,
            coalesce((SELECT nonce FROM tidemark_commits WHERE seq = m.seq), ''),
            coalesce((SELECT nonce FROM tidemark_commits WHERE seq = ?1), ''),
            coalesce((SELECT nonce FROM tidemark_commits WHERE seq = ?1 + 1), ''),
            coalesce((SELECT pushes FROM tidemark_replicas WHERE id = ?2), 0), m.pruned, )" +
                ledger::prune_due_sql(capture::now_ms_sql()) + ", " + ledger::foreign_sql(tables) +
                " FROM tidemark_meta m",
            {{caller.mark, caller.id}}};
}

Head Primary::read_head(const Caller& caller, const Rows& rows) {
    const Row& row = rows.rows.at(0);
    Head head;
    head.format = as_int(row[0]);
    head.lineage = as_text(row[1]);
    head.seq = as_int(row[2]);
    head.schema = as_int(row[3]);
    head.uploader = as_text(row[4]);
    head.now_ms = as_int(row[5]);
    head.nonce = as_text(row[6]);
    head.nonce_at_mark = as_text(row[7]);
    head.took_intent = !caller.intent.empty() && as_text(row[8]) == caller.intent;
    head.pushes = as_int(row[9]);
    head.pruned = as_int(row[10]);
    head.prune_due = as_int(row[11]) != 0;
    head.foreign = as_int(row[12]) != 0;
    return head;
}

Head Primary::head(const Caller& caller, const std::vector<Table>& tables) {
    const Answer answer = endpoint_.run(head_steps(caller, tables, false));
    if (schema_moved(caller, answer, 0)) {
        Head head;
        head.schema_moved = true;
        return head;
    }
    if (answer.failure) throw *answer.failure;
    return read_head(caller, answer.results[1]);
}

// The only way to make a statement fail on a condition that every engine knows: a NULL where none
// may be.
Step Primary::guard_step(const Caller& caller, const std::vector<Table>& tables) {
    Step guard{R"(
        UPDATE tidemark_meta SET seq = CASE WHEN
            lineage = ?1 AND seq = ?2 AND schema = ?3 AND uploader = '' AND format <= ?9
            AND (SELECT nonce FROM tidemark_commits WHERE seq = ?2) = ?4
            AND coalesce((SELECT pushes FROM tidemark_replicas WHERE id = ?5), 0) = ?6
            AND abs()" +
                   capture::now_ms_sql() + R"( - ?7) <= ?8
            AND NOT )" +
                   ledger::foreign_sql(tables) + " AND NOT " + schema_log::altered_sql(true) + R"(
        THEN seq + 1 END WHERE id = 1)",
               {{caller.lineage, caller.mark, caller.schema, caller.nonce, caller.id, caller.pushes,
                 caller.now_ms, tuning::clock_tolerance_ms, std::int64_t{ledger::format}}}};
    guard.guards = true;  // the nonce of the next commit is there by then
    return guard;
}

std::vector<Step> Primary::commit_steps(const Caller& caller, const std::vector<Table>& tables,
                                        const Commit& commit) const {
    const std::string now = capture::now_ms_sql();
    std::vector<Step> steps;
    if (endpoint_.notes_our_writes()) {
        // The guard has made sure that there were no entries but those of this push.
        for (const Table& table : tables) {
            steps.push_back({"DELETE FROM " + quoted(capture::pending_table(table.name))});
        }
    }
    append(steps,
           {{"INSERT INTO tidemark_commits(seq, nonce, replica, at, rows) VALUES (?1, ?2, ?3, " +
                 now + ", ?4)",
             {{caller.mark + 1, commit.nonce, caller.id, commit.rows}}},
            {R"(
        INSERT INTO tidemark_replicas(id, name, pushes, mark, seen) VALUES (?1, ?2, 1, ?3, )" +
                 now + R"()
        ON CONFLICT(id) DO UPDATE SET name = excluded.name, pushes = pushes + 1,
            mark = excluded.mark, seen = excluded.seen)",
             {{caller.id, caller.device, caller.mark + 1}}},
            {"UPDATE tidemark_meta SET clock = max(clock, ?1)", {{commit.clock}}}});
    return steps;
}

/// The rest of the commit that the last page ended in, and what comes after it.
void Primary::add_pull(std::vector<Step>& steps, const Table& table, const Cursor& cursor) {
    const BatchSize& batch = endpoint_.batch();
    if (!cursor.rowid) {
        steps.push_back({ledger::pull_sql(table), {{cursor.seq, batch.rows}}, batch.bytes});
        return;
    }
    steps.push_back(
        {ledger::pull_rest_sql(table), {{cursor.seq, *cursor.rowid, batch.rows}}, batch.bytes});
    steps.push_back({ledger::pull_after_rest_sql(table),
                     {{cursor.seq, batch.rows, *cursor.rowid, batch.rows - 1}},
                     batch.bytes});
}

/// Returns false where the page is not all that was asked for: what comes after it has to wait.
bool Primary::take_page(Rows&& page, Rows& into, Cursor& cursor) {
    if (!page.rows.empty()) {
        const Row& last = page.rows.back();
        cursor = {as_int(last[ledger::seq]), as_int(last[ledger::rowid])};
    }
    const bool full = static_cast<std::int64_t>(page.rows.size()) >= endpoint_.batch().rows;
    into.rows.insert(into.rows.end(), std::make_move_iterator(page.rows.begin()),
                     std::make_move_iterator(page.rows.end()));
    return !full && !page.cut;
}

Exchanged Primary::exchange(const Caller& caller, const std::vector<Table>& tables,
                            std::vector<Cursor>& cursors, const std::vector<Step>* push,
                            const Commit* commit) {
    std::vector<Step> steps{opening(push ? "BEGIN IMMEDIATE" : "BEGIN")};
    append(steps, head_steps(caller, tables, push || open_));
    std::vector<std::size_t> pages;  // the first step of each table's
    for (std::size_t i = 0; i < tables.size(); ++i) {
        pages.push_back(steps.size());
        add_pull(steps, tables[i], cursors[i]);
    }
    pages.push_back(steps.size());
    steps.push_back({"SELECT id, name FROM tidemark_replicas"});
    const std::size_t guard = steps.size();
    if (push) {
        steps.push_back(guard_step(caller, tables));
        append(steps, *push);
        append(steps, commit_steps(caller, tables, *commit));
    }
    steps.push_back(closing());

    Answer answer = endpoint_.run(steps);
    if (answer.failure) open_ = false;
    Exchanged exchanged;
    if (schema_moved(caller, answer, 1)) {
        exchanged.head.schema_moved = true;
        return exchanged;
    }
    if (answer.failure && !(push && refused_by_guard(answer, guard))) throw *answer.failure;
    exchanged.head = read_head(caller, answer.results[2]);
    exchanged.pushed = push && !answer.failure;
    exchanged.complete = true;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        Rows& rows = exchanged.tables.emplace_back();
        bool all = true;
        for (std::size_t at = pages[i]; at < pages[i + 1] && all; ++at) {
            all = take_page(std::move(answer.results[at]), rows, cursors[i]);
        }
        exchanged.complete = exchanged.complete && all;
    }
    for (const Row& device : answer.results[guard - 1].rows) {
        exchanged.devices[as_text(device[0])] = as_text(device[1]);
    }
    return exchanged;
}

bool Primary::begin_push(const Caller& caller, const std::vector<Table>& tables) {
    const Answer answer = endpoint_.run({opening("BEGIN IMMEDIATE"), guard_step(caller, tables)});
    open_ = !answer.failure;
    if (answer.failure && !refused_by_guard(answer, 1)) throw *answer.failure;
    return open_;
}

void Primary::push_page(const std::vector<Step>& steps) { run_all(endpoint_, steps); }

bool Primary::commit_push(const Caller& caller, const std::vector<Table>& tables,
                          const Commit& commit) {
    std::vector<Step> steps = commit_steps(caller, tables, commit);
    steps.push_back({"COMMIT"});
    open_ = false;
    const Answer answer = endpoint_.run(steps);
    if (answer.failure && !(answer.deferred > 0 && refused_by_guard(answer, 1))) {
        throw *answer.failure;
    }
    return !answer.failure;
}

void Primary::begin() {
    run_all(endpoint_, {{"BEGIN IMMEDIATE"}});
    open_ = true;
}

void Primary::commit() {
    run_all(endpoint_, {{"COMMIT"}});
    open_ = false;
}

Step Primary::opening(const std::string& sql) const { return {open_ ? "SELECT 1" : sql}; }

Step Primary::closing() const { return {open_ ? "SELECT 1" : "COMMIT"}; }

void Primary::abandon() noexcept {
    open_ = false;
    try {
        endpoint_.run({{"ROLLBACK"}});
    } catch (const std::exception&) {  // the primary forgets an unfinished transaction by itself
    }
}

bool Primary::fold(std::int64_t schema, const std::vector<Table>& tables, const std::string& nonce,
                   const std::map<std::string, std::string>& called) {
    constexpr std::size_t guard = 1;
    std::vector<Step> steps{opening("BEGIN IMMEDIATE"),
                            {"UPDATE tidemark_meta SET seq = CASE WHEN ?1 = " +
                                 std::to_string(any_schema) + " OR (schema = ?1 AND NOT " +
                                 schema_log::altered_sql(true) + ") THEN seq + 1 END WHERE id = 1",
                             {{schema}}}};
    for (const Table& table : tables) {
        const auto name = called.find(table.name);
        for (std::string& sql :
             ledger::fold_sql(table, name == called.end() ? std::string() : name->second))
            steps.push_back({std::move(sql)});
    }
    steps.push_back(
        {"INSERT INTO tidemark_commits(seq, nonce, replica, at, rows) SELECT seq, ?1, '', " +
             capture::now_ms_sql() + ", 0 FROM tidemark_meta",
         {{nonce}}});
    steps.push_back(closing());
    const Answer answer = endpoint_.run(steps);
    if (!answer.failure) return true;
    open_ = false;
    if (!refused_by_guard(answer, guard)) throw *answer.failure;
    return false;
}

void Primary::prune(const std::vector<Table>& tables) {
    std::vector<Step> steps{opening("BEGIN IMMEDIATE")};
    for (std::string& sql : ledger::prune_commits_sql(capture::now_ms_sql())) {
        steps.push_back({std::move(sql)});
    }
    for (const Table& table : tables) steps.push_back({ledger::prune_rows_sql(table)});
    steps.push_back(closing());
    run_all(endpoint_, steps);
}

}  // namespace tidemark
