#include "sync/session.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "capture/pending.hpp"
#include "capture/quiet.hpp"
#include "sqlite/sql_error.hpp"
#include "sqlite/transaction.hpp"
#include "sync/identity.hpp"
#include "sync/pending_entries.hpp"

namespace tidemark {
namespace {

/// The disk that made a sync fail may be too full to write that down; the failure is what counts.
void remember_failure(const Error& error, const std::function<void(const Error*)>& remember) {
    try {
        remember(&error);
    } catch (const Error&) {
    }
}

}  // namespace

Session::Session(Connection& connection, SqlEndpoint& endpoint, Clock& clock, Rng& rng,
                 const SyncOptions& options)
    : connection_(connection),
      primary_(endpoint),
      clock_(clock),
      rng_(rng),
      options_(options),
      store_(connection) {}

SyncReport Session::sync(const std::optional<Begun>& begun) {
    const std::int64_t started = clock_.steady_ms();
    const Traffic before = begun ? Traffic{} : primary_.endpoint().traffic();
    const auto finish = [&](const Error* error) {
        const Traffic now = primary_.endpoint().traffic();
        if (begun) {
            report_.pushed += begun->pushed;
            report_.pulled += begun->pulled;
        }
        report_.round_trips = now.round_trips - before.round_trips;
        report_.bytes_sent = now.bytes_sent - before.bytes_sent;
        report_.bytes_received = now.bytes_received - before.bytes_received;
        report_.duration_ms = clock_.steady_ms() - (begun ? begun->at_ms : started);
        SyncRecord record{clock_.now_ms(),     report_.pushed,
                          report_.pulled,      report_.conflicts,
                          report_.bytes_sent,  report_.bytes_received,
                          report_.duration_ms, error ? error->message() : std::string()};
        record.rows_read = now.rows_read - before.rows_read;
        record.rows_written = now.rows_written - before.rows_written;
        record.offline = error && error->code() == ErrorCode::unreachable;
        store_.remember(record);
    };
    report_ = {};
    settled_ = false;
    rows_first_.reset();
    try {
        check_schema();
        move_rows(started);
        if (rows_first_) {
            agree_on_schema();
            move_rows(started);
        }
        if (report_.pushed > 0 && prune_due_) prune();
    } catch (const SqlError& error) {
        const Error reason = explained(error);
        remember_failure(reason, finish);
        throw reason;
    } catch (const Error& error) {
        remember_failure(error, finish);
        throw;
    }
    finish(nullptr);
    report_.pending = pending_rows();
    report_.mark = store_.meta().mark;
    return report_;
}

Direction Session::direction() const {
    const bool waits = rows_first_ && rows_first_->of == RowsFirst::Of::primary;
    return waits ? Direction::pull : options_.direction;
}

void Session::move_rows(std::int64_t started) {
    for (int rounds = 1; round() == Turn::again; ++rounds) {
        if (clock_.steady_ms() - started > tuning::sync_patience_ms) {
            throw Error(ErrorCode::failed, "the primary changed too often to get a word in",
                        "Try again in a moment; everything pending is kept.");
        }
        if (rounds > 2) {
            clock_.sleep_ms(static_cast<std::int64_t>(rng_.next() % tuning::retry_pause_ms));
        }
    }
}

/// Everything has been sent and received by then, so a failure is no reason to say otherwise.
void Session::prune() {
    try {
        primary_.prune(tables_);
    } catch (const Error& error) {
        report_.warnings.push_back("The primary's oldest entries were not cleared away: " +
                                   error.message() + ". The next sync tries again.");
    }
}

/// Whatever changed the file's schema: are the rows still captured, and is it still the primary's?
void Session::check_schema() {
    SchemaRound schema(connection_, primary_, rng_);
    if (schema.is_as_agreed()) return;
    require_primary();
    agree_on_schema();
}

/// Another primary's schema must not be carried over before that is refused.
Session::Turn Session::agree_on_schema() {
    const Meta meta = store_.meta();
    Caller anybody = meta.caller();
    anybody.schema = any_schema;
    judge_identity(meta, primary_.head(anybody, {}), primary_.endpoint().name());
    SchemaRound schema(connection_, primary_, rng_);
    schema.run();
    const auto append = [](auto& to, const auto& from) {
        to.insert(to.end(), from.begin(), from.end());
    };
    append(report_.schema_sent, schema.sent());
    append(report_.schema_received, schema.received());
    if (schema.rows_first()) {
        const auto other =
            schema.rows_first()->of == RowsFirst::Of::primary ? Direction::push : Direction::pull;
        if (rows_first_ || options_.direction == other) throw Error(schema.rows_first()->reason);
    }
    rows_first_ = schema.rows_first();
    return Turn::again;
}

void Session::look_at_one_schema(const std::function<Turn()>& look, std::vector<SchemaChange>& sent,
                                 std::vector<SchemaChange>& received) {
    const bool agreed = SchemaRound(connection_, primary_, rng_).is_as_agreed();
    const bool ready = store_.meta().state == state::ready;
    if (agreed && ready && look() == Turn::done) return;
    require_primary();
    SchemaRound schema(connection_, primary_, rng_);
    // What is read inside is undone with the transaction.
    struct Forget {
        std::optional<std::int64_t>& version;
        ~Forget() { version.reset(); }
    } forget{schema_version_};
    schema.try_out([&] { look(); });
    sent = schema.sent();
    received = schema.received();
}

/// SQLite's own words say only which name is missing at a primary that is none, or is not what it
/// was.
Error Session::explained(const SqlError& error) {
    const std::string primary = primary_.endpoint().name();
    if (error.message().find(primary) == std::string::npos) return error;
    try {
        require_primary();
    } catch (const Error& reason) {
        return reason;
    }
    if (error.primary_code() == SQLITE_CONSTRAINT) {
        return Error(ErrorCode::failed,
                     "a row of this replica does not fit at the primary: " + error.message(),
                     "'tidemark verify' with --repair finds what differs and merges it.");
    }
    if (error.message().find("no such ") == std::string::npos) return error;
    return Error(
        ErrorCode::failed,
        "the tables of the primary " + primary +
            " are no longer what this replica knows: " + error.message(),
        "Make the same change of schema here, or undo it there; nothing is lost meanwhile.");
}

/// Throws where the database there has none of Tidemark's tables.
void Session::require_primary() {
    if (primary_.initialised()) return;
    throw Error(ErrorCode::choice_needed,
                "the database at " + primary_.endpoint().name() +
                    " is not the primary that this replica belongs to: it is no primary at all",
                "If it was replaced on purpose: 'tidemark detach' this file, then 'tidemark "
                "attach' it again with --merge, --keep-local or --keep-primary.");
}

/// One pull and one push, in a single round trip where nothing is new at the primary.
Session::Turn Session::round() {
    begin();
    if (!rows_first_ &&
        meta_.schema_cookie != schema_version_) {  // a migration ran while this sync was under way
        check_schema();
        return Turn::again;
    }
    if (!settled_ && !meta_.intent.empty()) {
        const Head head = primary_.head(caller(), tables_);
        if (head.schema_moved) return agree_on_schema();
        if (!settle_identity(head)) return Turn::again;
    }
    settled_ = true;
    if (comparing_) return compare_in_full();
    if (direction() != Direction::pull && !take_snapshots()) return Turn::again;
    const bool pushing = !snapshots_.empty();
    if (!pushing && direction() == Direction::push) return Turn::done;
    PushWriter writer(meta_, shift_, snapshots_, primary_.endpoint().batch());
    const auto page = pushing ? single_page(writer) : std::nullopt;
    const bool only_touched = page && writer.rows() == 0;
    const Commit commit{meta_.intent, writer.rows(), writer.clock()};
    Exchanged exchanged = exchange(page && !only_touched ? &*page : nullptr, &commit);
    if (exchanged.head.schema_moved) return agree_on_schema();
    if (!settle_identity(exchanged.head)) return Turn::again;
    if (exchanged.pushed) {
        acknowledge(commit);
        return Turn::done;
    }
    if (exchanged.head.foreign) {
        primary_.fold(caller().schema, tables_, rng_.identity());
        return Turn::again;
    }
    spool(exchanged);
    while (!exchanged.complete) {
        exchanged = exchange(nullptr, nullptr);
        if (exchanged.head.schema_moved) return agree_on_schema();
        spool(exchanged);
    }
    if (exchanged.head.seq != meta_.mark) {
        if (!merge_pulled(exchanged.head)) return Turn::again;
        return direction() != Direction::pull && pending_rows() > 0 ? Turn::again : Turn::done;
    }
    if (only_touched) forget_touched();
    if (!pushing || only_touched) return Turn::done;
    if (!page && push_pages()) return Turn::done;
    keep_clock_offset();
    return Turn::again;
}

/// A push is refused while this device's idea of the primary's time is wrong; now it is right.
void Session::keep_clock_offset() {
    Transaction transaction(connection_, Transaction::Kind::write);
    store_.save(meta_);
    transaction.commit();
}

std::vector<std::string> Session::table_names() const {
    std::vector<std::string> names;
    for (const Table& table : tables_) names.push_back(table.name);
    return names;
}

void Session::begin() {
    Transaction transaction(connection_, Transaction::Kind::read, Transaction::Inside::join);
    meta_ = store_.meta();
    settings_ = store_.settings();
    const std::int64_t version = read_tables();
    comparing_ = meta_.state != state::ready;
    shift_ = ClockShift::between(0, meta_.clock_offset_ms);
    shift_.latest_ms = local_now_ms() + meta_.clock_offset_ms + tuning::clock_tolerance_ms;
    snapshots_.clear();
    transaction.commit();
    schema_version_ = version;
    cursors_.assign(tables_.size(), Cursor{meta_.mark});
    primary_.endpoint().quiet(table_names());
}

/// Looking at a schema, and making the temporary tables for it, takes longer than a sync that moves
/// a few rows: it is done anew only when the schema has changed.
std::int64_t Session::read_tables() {
    const std::int64_t version = connection_.integer("PRAGMA schema_version");
    if (schema_version_ == version) {
        for (const auto& spool : spools_) spool->clear();
        return version;
    }
    schema_version_.reset();
    quiet_at_.reset();
    all_snapshots_.clear();
    contested_.clear();
    spools_.clear();
    connection_.forget_statements();
    tables_ = store_.tables();
    for (const Table& table : tables_) {
        using Index = Snapshot::Index;
        all_snapshots_.push_back(
            std::make_unique<Snapshot>(connection_, table, "push", Index::none));
        contested_.push_back(
            std::make_unique<Snapshot>(connection_, table, "merge", Index::by_key));
        spools_.push_back(std::make_unique<Spool>(connection_, table));
    }
    return version;
}

/// Returns false where the schema has changed meanwhile.
bool Session::take_snapshots() {
    if (std::none_of(tables_.begin(), tables_.end(),
                     [&](const Table& table) { return any_pending(connection_, table); })) {
        return true;
    }
    intend();
    Transaction transaction(connection_, Transaction::Kind::read);
    if (!schema_is_as_read()) return false;
    for (const auto& snapshot : all_snapshots_) {
        snapshot->take();
        if (snapshot->entries() > 0) snapshots_.push_back(snapshot.get());
    }
    transaction.commit();
    return true;
}

bool Session::schema_is_as_read() {
    return connection_.integer("PRAGMA schema_version") == schema_version_;
}

/// The whole push, where it fits into one request.
std::optional<std::vector<Step>> Session::single_page(PushWriter& writer) {
    std::int64_t entries = 0;
    for (Snapshot* snapshot : snapshots_) entries += snapshot->entries();
    if (entries > primary_.endpoint().batch().rows) return std::nullopt;
    std::vector<Step> steps;
    int pages = 0;
    writer.write([&](const std::vector<Step>& page) {
        if (++pages == 1) steps = page;
    });
    return pages <= 1 ? std::optional(std::move(steps)) : std::nullopt;
}

/// Names the push that is about to happen, durably and before its rows are read. If its answer is
/// lost, the next sync finds the name at the primary and knows that the push arrived, and which
/// edits were in it: those up to `intent_at`, because everything edited from now on gets a later
/// time.
void Session::intend() {
    Transaction transaction(connection_, Transaction::Kind::write);
    meta_.forget_intent();
    meta_.intent = rng_.identity();
    meta_.intent_at = std::max(local_now_ms(), meta_.clock);
    meta_.intent_clock = meta_.clock;
    meta_.clock = meta_.intent_at + 1;
    store_.save(meta_);
    transaction.commit();
}

Caller Session::caller() {
    Caller caller = meta_.caller();
    caller.now_ms = local_now_ms() + shift_.offset_ms;
    if (rows_first_) {
        caller.schema =
            rows_first_->of == RowsFirst::Of::primary ? any_schema : rows_first_->schema;
    }
    return caller;
}

Exchanged Session::exchange(const std::vector<Step>* push, const Commit* commit) {
    Exchanged exchanged = primary_.exchange(caller(), tables_, cursors_, push, commit);
    if (exchanged.head.schema_moved) return exchanged;
    prune_due_ = exchanged.head.prune_due;
    devices_ = exchanged.devices;
    const std::int64_t here = local_now_ms();
    shift_ = ClockShift::between(here, exchanged.head.now_ms);
    meta_.clock_offset_ms = exchanged.head.now_ms - here;
    return exchanged;
}

void Session::spool(const Exchanged& exchanged) {
    for (std::size_t i = 0; i < spools_.size(); ++i) {
        spools_[i]->add(exchanged.tables[i].rows);
        if (options_.on_progress && !exchanged.complete) {
            options_.on_progress({"downloading", tables_[i].name, spools_[i]->rows(), 0});
        }
    }
}

/// Returns false where this replica had to change what it says of itself: then ask again.
bool Session::settle_identity(const Head& head) {
    switch (judge_identity(meta_, head, primary_.endpoint().name())) {
        case Identity::as_known: return true;
        case Identity::push_arrived: acknowledge_arrived(head); return false;
        case Identity::copied:
            meta_.former.push_back(meta_.replica);
            meta_.replica = rng_.identity();
            meta_.pushes = 0;
            meta_.forget_intent();
            break;
        case Identity::away_too_long:
            meta_.state = meta_.state == state::recaptured ? state::comparing : state::returning;
            break;
        case Identity::primary_restored:
            meta_.state = state::comparing;
            meta_.pushes = head.pushes;
            break;
    }
    Transaction transaction(connection_, Transaction::Kind::write, Transaction::Inside::join);
    store_.save(meta_);
    transaction.commit();
    return false;
}

/// A push in several requests. Returns false where the primary has moved on.
bool Session::push_pages() {
    Commit commit{meta_.intent, 0, 0};
    if (!primary_.begin_push(caller(), tables_)) return false;
    std::int64_t total = 0;
    for (Snapshot* snapshot : snapshots_) total += snapshot->entries();
    try {
        PushWriter writer(meta_, shift_, snapshots_, primary_.endpoint().batch());
        writer.write([&](const std::vector<Step>& page) {
            primary_.push_page(page);
            if (options_.on_progress) options_.on_progress({"uploading", {}, writer.rows(), total});
        });
        commit.rows = writer.rows();
        commit.clock = writer.clock();
        if (!primary_.commit_push(caller(), tables_, commit)) return false;
    } catch (...) {
        primary_.abandon();
        throw;
    }
    acknowledge(commit);
    return true;
}

/// Having looked at rows that turned out unchanged is all that their entries asked for.
void Session::forget_touched() {
    Transaction transaction(connection_, Transaction::Kind::write);
    for (Snapshot* snapshot : snapshots_) snapshot->acknowledge();
    meta_.forget_intent();
    store_.save(meta_);
    transaction.commit();
}

void Session::acknowledge(const Commit& commit) {
    Transaction transaction(connection_, Transaction::Kind::write);
    for (Snapshot* snapshot : snapshots_) snapshot->acknowledge();
    ++meta_.mark;
    meta_.nonce = commit.nonce;
    ++meta_.pushes;
    meta_.forget_intent();
    meta_.clock = std::max(meta_.clock, commit.clock);
    store_.save(meta_);
    transaction.commit();
    report_.pushed += commit.rows;
}

/// The last push arrived, and its answer was lost.
void Session::acknowledge_arrived(const Head& head) {
    Transaction transaction(connection_, Transaction::Kind::write, Transaction::Inside::join);
    for (const Table& table : tables_) acknowledge_pending(connection_, table, meta_.intent_at);
    ++meta_.mark;
    meta_.nonce = meta_.intent;
    meta_.pushes = head.pushes;
    meta_.forget_intent();
    meta_.clock = std::max(meta_.clock, shift_.to_primary(meta_.intent_at));
    store_.save(meta_);
    transaction.commit();
}

std::int64_t Session::pending_rows() {
    std::int64_t rows = 0;
    for (const Table& table : tables_) rows += count_pending(connection_, table);
    return rows;
}

std::int64_t Session::local_now_ms() {
    return connection_.integer("SELECT " + capture::now_ms_sql());
}

}  // namespace tidemark
