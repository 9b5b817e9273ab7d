#include "sim/world.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "base/text.hpp"
#include "capture/triggers.hpp"
#include "sim/agreement.hpp"
#include "sim/random_schema.hpp"
#include "sqlite/sql_error.hpp"
#include "sqlite/transaction.hpp"
#include "sync/first_contact.hpp"
#include "sync/session.hpp"
#include "sync/store.hpp"

namespace tidemark::sim {
namespace {

constexpr const char* replica_path = "app.db";
constexpr const char* primary_path = "primary.db";
constexpr std::size_t most_devices = 6;
constexpr int deepest = 2;

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

World::World(std::uint64_t seed, const Faults& faults)
    : faults_(faults),
      rng_(seed),
      engine_rng_(~seed),
      log_(faults.log),
      workplace_{rng_, oracle_, log_, {}, 0, {}, {}, {}},
      changes_(rng_),
      primary_("primary", clock_, rng_),
      endpoints_(primary_, primary_path) {
    // SQLite draws from a source of its own, for all connections of the process.
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(rng_.next() >> 34) | 1,
                         nullptr);
    choose_faults();
}

World::~World() = default;

/// Most histories have a few kinds of faults, so that each is met often by itself.
void World::choose_faults() {
    const auto maybe = [&](bool& fault, int percent) { fault = rng_.chance(percent) && fault; };
    maybe(faults_.network, 70);
    maybe(faults_.clocks, 50);
    maybe(faults_.power, 40);
    maybe(faults_.space, 20);
    maybe(faults_.files, 30);
    maybe(faults_.schemas, 40);
    maybe(faults_.outside, 60);
    bold_ = rng_.chance(25);
    manners_.foreign_keys = rng_.chance(90);
    manners_.recursive_triggers = rng_.chance(60);
    journal_mode_ = rng_.chance(50) ? "WAL" : rng_.chance(80) ? "DELETE" : "TRUNCATE";
    if (rng_.chance(20)) manners_.synchronous = journal_mode_ == "WAL" ? "NORMAL" : "EXTRA";
    references_kept_ = manners_.foreign_keys;
    static constexpr std::int64_t sizes[] = {4096, 4096, 1024, 512};
    page_size_ = sizes[rng_.below(4)];
}

void World::found() {
    const RandomSchema schema = RandomSchema::draw(rng_);
    // A replaced row fires the triggers that keep an index only where triggers are recursive.
    manners_.recursive_triggers = manners_.recursive_triggers || schema.full_text;
    full_text_ = schema.full_text;
    // Whoever renames or rebuilds the table of an index has to rebuild the index.
    faults_.schemas = faults_.schemas && !full_text_;
    Device& first = add_device();
    first.application =
        std::make_unique<Application>(first.machine, replica_path, manners_, workplace_);
    Connection& file = first.application->connection();
    file.execute("PRAGMA page_size = " + std::to_string(page_size_) +
                 "; PRAGMA journal_mode = " + journal_mode_);
    {
        Transaction transaction(file, Transaction::Kind::write);
        for (const std::string& sql : schema.statements) {
            log_.add([&] { return sql; });
            file.execute(sql);
        }
        file.execute("CREATE TABLE local_mark(n); INSERT INTO local_mark VALUES (-1)");
        transaction.commit();
    }
    for (int i = 0; i < 6; ++i) first.application->transact();

    open(first);
    Store store(*first.connection);
    {
        Transaction transaction(*first.connection, Transaction::Kind::write);
        Meta meta;
        meta.replica = rng_.identity();
        meta.device = first.machine.name();
        meta.primary = primary_path;
        meta.lineage = rng_.identity();
        meta.mark = 1;
        meta.nonce = rng_.identity();
        meta.state = state::uploading;
        static const std::vector<std::string> policies = {"newest", "newest",  "newest",
                                                          "newest", "primary", "replica"};
        meta.policy = rng_.one_of(policies);
        std::vector<TableSetting> settings;
        for (const Table& table : read_tables(*first.connection)) {
            const bool natural = contains_name(schema.natural_keys, table.name);
            settings.push_back({table.name, false, {}, natural});
        }
        store.create(meta, settings, schema.columns);
        for (const Table& table : store.tables()) capture::install(*first.connection, table);
        transaction.commit();
    }
    open_primary();
    first.endpoint->connect({});
    continue_upload(*first.connection, *first.endpoint, {});
    first.endpoint->disconnect();
    sync(first, false);
    primary_application().connection().execute("INSERT INTO local_mark VALUES (-1)");
    signature_ = SchemaChanges::signature(file);

    const std::int64_t others = 2 + rng_.below(3);
    for (std::int64_t i = 0; i < others; ++i) {
        Device& device = add_device();
        device.machine.restore(first.machine.disk().copy());
        open(device);
        device.connection->execute("UPDATE tidemark_meta SET replica = ?1, device = ?2, pushes = 0",
                                   {rng_.identity(), device.machine.name()});
    }
    if (!faults_.clocks) return;
    static constexpr std::int64_t skews[] = {0, 0, 5'000, -5'000, 50'000, 4'000'000, -9'000'000};
    for (const auto& device : devices_) device->machine.skew_ms = skews[rng_.below(7)];
}

Device& World::add_device() {
    const std::string name = "device-" + std::to_string(devices_.size());
    devices_.push_back(std::make_unique<Device>(name, clock_, rng_));
    return *devices_.back();
}

/// Starts the program that syncs a device, where it is not running.
void World::open(Device& device) {
    if (device.session && device.connection_start == device.machine.starts()) return;
    device.session.reset();
    device.endpoint.reset();
    device.connection.reset();
    device.connection = std::make_unique<Connection>(replica_path, Connection::Open::read_write,
                                                     device.machine.vfs());
    device.connection->execute("PRAGMA foreign_keys = OFF");
    device.connection_start = device.machine.starts();
    device.endpoint = std::make_unique<FaultyEndpoint>(endpoints_, rng_);
    device.session = std::make_unique<Session>(*device.connection, *device.endpoint, clock_,
                                               engine_rng_, sync_options_);
}

/// Makes the primary's file where it is not there yet.
void World::open_primary() {
    if (primary_.disk().exists(primary_path)) return;
    Connection file(primary_path, Connection::Open::create, primary_.vfs());
    file.execute("PRAGMA page_size = " + std::to_string(page_size_) +
                 "; PRAGMA journal_mode = " + journal_mode_);
    if (journal_mode_ != "WAL") file.execute("PRAGMA user_version = 0");
}

Application& World::application(Device& device) {
    if (!device.application || device.application->dead()) {
        device.application.reset();
        device.application =
            std::make_unique<Application>(device.machine, replica_path, manners_, workplace_);
        after_power_failure(device.machine, device.application->connection());
    }
    return *device.application;
}

Application& World::primary_application() {
    if (!primary_application_ || primary_application_->dead()) {
        primary_application_.reset();
        primary_application_ =
            std::make_unique<Application>(primary_, primary_path, manners_, workplace_);
        after_power_failure(primary_, primary_application_->connection());
    }
    return *primary_application_;
}

/// What the file has forgotten was not promised to be kept.
void World::after_power_failure(Machine& machine, Connection& file) {
    if (file.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'local_mark'") == 0) return;
    const std::int64_t last = file.integer("SELECT n FROM local_mark");
    std::vector<std::int64_t>& committed = workplace_.committed[machine.name()];
    std::vector<std::int64_t> forgotten;
    while (!committed.empty() && committed.back() > last) {
        forgotten.push_back(committed.back());
        committed.pop_back();
    }
    if (forgotten.empty()) return;
    log_.add([&] {
        return machine.name() + ": forgot " + std::to_string(forgotten.size()) + " transactions";
    });
    oracle_.forget_transactions(forgotten);
}

void World::sync(Device& device, bool faulty) {
    if (device.syncing) return;
    clock_.advance(1 + rng_.below(3));
    device.syncing = true;
    const int start = device.machine.starts();
    std::string line = device.machine.name() + ": sync";
    ++ending_.syncs;
    try {
        open(device);
        FaultyEndpoint::Line faults;
        if (faulty && faults_.network) faults.percent = 12;
        if (faulty && faults_.network) {
            faults.meanwhile = [this] {
                if (depth_ >= deepest || !rng_.chance(12)) return;
                ++depth_;
                event();
                --depth_;
            };
        }
        device.endpoint->connect(std::move(faults));
        const SyncReport report = device.session->sync();
        device.endpoint->disconnect();
        moved_ += report.pushed + report.pulled + report.pending +
                  static_cast<std::int64_t>(report.schema_sent.size()) +
                  static_cast<std::int64_t>(report.schema_received.size());
        log_.add([&] {
            return line + " sent " + std::to_string(report.pushed) + ", received " +
                   std::to_string(report.pulled) + ", conflicts " +
                   std::to_string(report.conflicts) + ", pending " +
                   std::to_string(report.pending) + ", mark " + std::to_string(report.mark);
        });
        // Not checked while the history goes on, but who reads the log wants to know when it began.
        if (faults_.log && references_kept_) {
            if (const std::string wrong = damaged(*device.connection, true); !wrong.empty()) {
                log_.add([&] { return "  " + device.machine.name() + " has " + wrong; });
            }
        }
    } catch (const Error& error) {
        log_.add([&] { return line + " failed: " + error.message(); });
        device.syncing = false;
        if (device.endpoint) device.endpoint->disconnect();
        if (start != device.machine.starts()) return;
        if (device.connection && device.connection->in_transaction()) {
            throw Error(ErrorCode::failed, "a failed sync left a transaction open");
        }
        if (!is_expected(error)) throw;
        moved_ += 1;
    }
    device.syncing = false;
}

/// Whether the error is what the world itself did to the sync.
bool World::is_expected(const Error& error) {
    const std::string& message = error.message();
    const bool contradiction = contains(message, "was dropped here, and its rows") ||
                               (bold_ && (contains(message, "contradict each other") ||
                                          contains(message, "change of schema cannot be made") ||
                                          contains(message, "was renamed to")));
    ending_.clashed = ending_.clashed || (healing_ && contradiction);
    if (contradiction) return true;
    if (healing_) return false;
    if (error.code() == ErrorCode::unreachable) return true;
    if (faults_.power || faults_.space) {
        for (const char* part : {"I/O error", "disk is full", "cannot be opened"}) {
            if (contains(message, part)) return true;
        }
    }
    return contains(message, "is locked by another program") ||
           contains(message, "changed too often");
}

Ending World::play() {
    try {
        found();
        std::int64_t events = std::min(faults_.events, 15 + rng_.below(60));
        while (events-- > 0) {
            event();
            if (faults_.log) log_losses();
        }
        heal();
        ending_.wrong = check();
    } catch (const Error& error) {
        ending_.wrong = "an error: " + error.message();
    }
    return ending_;
}

void World::heal() {
    healing_ = true;
    log_.add([] { return "-- healing"; });
    std::vector<Machine*> machines{&primary_};
    for (const auto& device : devices_) machines.push_back(&device->machine);
    for (Machine* machine : machines) machine->heal();
    constexpr int most_rounds = 8;
    for (int round = 0; round < most_rounds; ++round) {
        moved_ = 0;
        for (const auto& device : devices_) {
            sync(*device, false);
            if (faults_.log) log_losses();
        }
        if (moved_ == 0) return;
    }
    if (!ending_.clashed) throw Error(ErrorCode::failed, "the syncs do not come to rest");
}

std::set<std::int64_t> World::tokens_everywhere() {
    std::set<std::int64_t> found = tokens_in_tables(primary_application().connection());
    for (const auto& device : devices_) {
        Connection& file = application(*device).connection();
        if (ending_.clashed) found.merge(tokens_in_tables(file));
        found.merge(tokens_in_conflicts(file));
    }
    return found;
}

/// Not checked while the history goes on either: when a value was last seen, and where. Looks at
/// copies, so that looking changes nothing.
void World::log_losses() {
    SeededRng rng(1);
    std::map<std::int64_t, std::string> places;
    const auto look = [&](Machine& machine, const std::string& path) {
        Machine copy("looking", clock_, rng);
        copy.restore(machine.disk().copy());
        try {
            Connection file(path, Connection::Open::create, copy.vfs());
            for (const std::int64_t token : tokens_in_tables(file)) {
                places[token] += " " + machine.name();
            }
            if (path == primary_path) return;
            for (const std::int64_t token : tokens_in_conflicts(file)) {
                places[token] += " conflicts of " + machine.name();
            }
        } catch (const Error&) {  // in the middle of something
        }
    };
    look(primary_, primary_path);
    for (const auto& device : devices_) look(device->machine, replica_path);
    std::set<std::int64_t> found;
    for (const auto& [token, names] : places) found.insert(token);
    for (const std::int64_t token : oracle_.missing(found)) {
        const auto seen = places_.find(token);
        if (seen == places_.end()) continue;
        log_.add([&] { return "  lost: v" + std::to_string(token) + ", seen at" + seen->second; });
        places_.erase(seen);
    }
    for (auto& [token, names] : places) places_[token] = std::move(names);
}

/// Where both sides changed the schema in ways that contradict each other, each keeps what it has.
std::string World::check() {
    std::string wrong = ending_.clashed ? std::string() : check_agreement();
    if (!wrong.empty()) return wrong;
    for (const std::int64_t token : oracle_.missing(tokens_everywhere())) {
        wrong += " v" + std::to_string(token);
    }
    return wrong.empty() ? wrong : "lost:" + wrong;
}

std::string World::check_agreement() {
    Application& primary = primary_application();
    const auto primary_forms = primary.forms();
    for (const auto& device : devices_) {
        Application& replica = application(*device);
        const auto forms = replica.forms();
        const std::string& name = device->machine.name();
        std::string wrong =
            differing_rows(replica.connection(), *forms, primary.connection(), *primary_forms);
        if (wrong.empty()) wrong = unsettled(replica.connection(), *forms);
        if (wrong.empty()) wrong = damaged(replica.connection(), references_kept_);
        if (!wrong.empty()) return name + " has " + wrong;
    }
    if (std::string wrong = damaged(primary.connection(), references_kept_); !wrong.empty()) {
        return "the primary has " + wrong;
    }
    // Where all was compared, rows with the same number count as the same row.
    const bool forgets = faults_.files || (faults_.power && manners_.synchronous == "NORMAL");
    if (forgets || faults_.schemas || !references_kept_) return {};
    return workplace_.kinship.wrong(primary.connection(), *primary_forms,
                                    Store(*devices_[0]->connection).settings());
}

}  // namespace tidemark::sim
