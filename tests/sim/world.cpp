#include "sim/world.hpp"

#include <sqlite3.h>

#include "sim/faulty_endpoint.hpp"
#include "sqlite/sql_error.hpp"
#include "sqlite/transaction.hpp"
#include "sync/conflict_log.hpp"
#include "sync/first_contact.hpp"
#include "sync/store.hpp"

namespace tidemark::sim {
namespace {

namespace fs = std::filesystem;

constexpr int most_devices = 5;
constexpr int primary_number = 7;

constexpr const char* schema = R"(
    CREATE TABLE note(id TEXT PRIMARY KEY, a TEXT, b TEXT, c TEXT);
    CREATE TABLE folder(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT,
        parent INTEGER REFERENCES folder(id) ON DELETE CASCADE);
    CREATE TABLE task(id INTEGER PRIMARY KEY, a TEXT, b TEXT,
        folder INTEGER REFERENCES folder(id) ON DELETE CASCADE);
    CREATE TABLE tag(id INTEGER PRIMARY KEY, name TEXT UNIQUE COLLATE NOCASE, a TEXT);
    CREATE TABLE tagging(task INTEGER REFERENCES task(id) ON DELETE CASCADE,
        tag INTEGER REFERENCES tag(id) ON DELETE CASCADE, a TEXT,
        PRIMARY KEY(task, tag)) WITHOUT ROWID;
    CREATE TABLE person(id TEXT PRIMARY KEY COLLATE NOCASE, email TEXT UNIQUE, a TEXT);
    CREATE VIRTUAL TABLE note_text USING fts5(a, content='note');
    CREATE TRIGGER note_text_i AFTER INSERT ON note BEGIN
        INSERT INTO note_text(rowid, a) VALUES (new.rowid, new.a); END;
    CREATE TRIGGER note_text_d AFTER DELETE ON note BEGIN
        INSERT INTO note_text(note_text, rowid, a) VALUES ('delete', old.rowid, old.a); END;
    CREATE TRIGGER note_text_u AFTER UPDATE ON note BEGIN
        INSERT INTO note_text(note_text, rowid, a) VALUES ('delete', old.rowid, old.a);
        INSERT INTO note_text(rowid, a) VALUES (new.rowid, new.a); END;
)";

constexpr const char* tables[] = {"note", "folder", "task", "tag", "tagging", "person"};

std::string dump(Connection& file, const std::string& table) {
    std::string out;
    Statement rows(file, "SELECT * FROM " + table + " ORDER BY 1, 2");
    while (rows.step()) {
        for (int c = 0; c < rows.column_count(); ++c) {
            out += rows.null(c) ? "NULL" : rows.text(c);
            out += '|';
        }
        out += '\n';
    }
    return out;
}

void copy_file(const std::string& from, const std::string& to) {
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

}  // namespace

World::World(std::uint64_t seed, Faults faults)
    : rng_(seed),
      faults_(faults),
      folder_(fs::temp_directory_path() /
              ("tidemark-sim-" + std::to_string(getpid()) + "-" + std::to_string(seed))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    primary_path_ = (folder_ / "primary.db").string();
    for (int i = 0; i < 8; ++i) VirtualClock::skew(i, 0);
}

World::~World() {
    devices_.clear();
    primary_application_.reset();
    std::error_code ignored;
    if (!faults_.keep) fs::remove_all(folder_, ignored);
}

std::string World::token() { return "v" + std::to_string(++written_); }

World::Device& World::add_device(const std::string& path) {
    const int number = static_cast<int>(devices_.size());
    static constexpr std::int64_t skews[] = {0, 0, 0, 5'000, -5'000, 50'000, 4'000'000, -9'000'000};
    VirtualClock::skew(number, skews[rng_.below(8)]);
    devices_.push_back(std::make_unique<Device>(Device{number, path, nullptr}));
    devices_.back()->application =
        std::make_unique<Connection>(path, Connection::Open::read_write, VirtualClock::vfs(number));
    devices_.back()->application->execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF");
    return *devices_.back();
}

void World::found() {
    const std::string first = (folder_ / "device-0.db").string();
    {
        Connection file(first, Connection::Open::create);
        file.execute("PRAGMA foreign_keys = ON");
        file.execute(schema);
        for (int i = 0; i < 12; ++i) edit(file);
    }
    AttachOptions options;
    options.device = "device-0";
    attach_replica(first, primary_path_, options, clock_, rng_);
    add_device(first);
    for (int i = 1; i < 3; ++i) {
        const std::string path = (folder_ / ("device-" + std::to_string(i) + ".db")).string();
        CloneOptions clone;
        clone.device = "device-" + std::to_string(i);
        clone_replica(primary_path_, path, clone, clock_, rng_);
        add_device(path);
    }
    primary_application_ = std::make_unique<Connection>(primary_path_, Connection::Open::read_write,
                                                        VirtualClock::vfs(primary_number));
    primary_application_->execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF");
}

std::set<std::string> World::tokens(Connection& file) {
    std::set<std::string> found;
    for (const char* table : tables) {
        Statement rows(file, "SELECT * FROM " + std::string(table));
        while (rows.step()) {
            for (int c = 0; c < rows.column_count(); ++c) {
                const std::string text = rows.text(c);
                if (text.starts_with("v")) found.insert(text);
            }
        }
    }
    return found;
}

Value World::some_key(Connection& file, const std::string& table, const std::string& key) {
    const std::int64_t count = file.integer("SELECT count(*) FROM " + table);
    if (count == 0) return {};
    return file.scalar(
        "SELECT " + key + " FROM " + table + " ORDER BY " + key + " LIMIT 1 OFFSET ?1",
        {rng_.below(count)});
}

/// An edit that breaks a constraint is refused, as in any application; that is no failure.
void World::run_quietly(Connection& file, const std::string& sql, const Row& arguments) {
    std::string line = file.path().substr(file.path().rfind('/') + 1) + ": " + sql;
    for (const Value& value : arguments) {
        const auto* number = std::get_if<std::int64_t>(&value);
        const auto* text = std::get_if<std::string>(&value);
        line += " [" + (number ? std::to_string(*number) : text ? *text : "NULL") + "]";
    }
    try {
        Savepoint savepoint(file);
        file.execute(sql, arguments);
        savepoint.release();
    } catch (const SqlError& error) {
        if (error.primary_code() != SQLITE_CONSTRAINT) throw;
        line += "  refused";
    }
    log_.push_back(std::move(line));
}

void World::edit(Connection& file) {
    VirtualClock::advance(1 + rng_.below(3));
    const std::set<std::string> before = tokens(file);
    const bool several = rng_.chance(25);
    {
        Transaction transaction(file, Transaction::Kind::write);
        for (std::int64_t left = several ? 2 + rng_.below(4) : 1; left > 0; --left) {
            const auto note_key = Value{"n" + std::to_string(rng_.below(8))};
            const auto name =
                Value{(rng_.chance(50) ? "name" : "NAME") + std::to_string(rng_.below(5))};
            const auto person =
                Value{(rng_.chance(50) ? "p" : "P") + std::to_string(rng_.below(4))};
            const auto email =
                rng_.chance(15) ? Value{} : Value{"mail" + std::to_string(rng_.below(5))};
            const std::string column = rng_.chance(50) ? "a" : "b";
            switch (rng_.below(22)) {
                case 0:
                case 1:
                    run_quietly(file, "INSERT INTO note VALUES (?1, ?2, ?3, ?4)",
                                {note_key, token(), token(), token()});
                    break;
                case 2:
                case 3:
                case 4:
                    run_quietly(file, "UPDATE note SET " + column + " = ?2 WHERE id = ?1",
                                {note_key, token()});
                    break;
                case 5: run_quietly(file, "DELETE FROM note WHERE id = ?1", {note_key}); break;
                case 6:
                    run_quietly(file, "INSERT OR REPLACE INTO note VALUES (?1, ?2, ?3, ?4)",
                                {note_key, token(), token(), token()});
                    break;
                case 7:
                    run_quietly(file, "UPDATE note SET id = ?2 WHERE id = ?1",
                                {note_key, Value{"n" + std::to_string(rng_.below(8))}});
                    break;
                case 8:
                case 9:
                    run_quietly(file, "INSERT INTO folder(a, b, parent) VALUES (?1, ?2, ?3)",
                                {token(), token(),
                                 rng_.chance(40) ? some_key(file, "folder", "id") : Value{}});
                    break;
                case 10:
                    run_quietly(file, "UPDATE folder SET " + column + " = ?2 WHERE id = ?1",
                                {some_key(file, "folder", "id"), token()});
                    break;
                case 11:
                    if (rng_.chance(50))
                        run_quietly(file, "DELETE FROM folder WHERE id = ?1",
                                    {some_key(file, "folder", "id")});
                    break;
                case 12:
                case 13:
                    run_quietly(file, "INSERT INTO task(a, b, folder) VALUES (?1, ?2, ?3)",
                                {token(), token(), some_key(file, "folder", "id")});
                    break;
                case 14:
                    run_quietly(
                        file, "UPDATE task SET " + column + " = ?2, folder = ?3 WHERE id = ?1",
                        {some_key(file, "task", "id"), token(), some_key(file, "folder", "id")});
                    break;
                case 15:
                    run_quietly(file, "DELETE FROM task WHERE id = ?1",
                                {some_key(file, "task", "id")});
                    break;
                case 16:
                    run_quietly(file, "INSERT INTO tag(name, a) VALUES (?1, ?2)", {name, token()});
                    break;
                case 17:
                    run_quietly(file,
                                rng_.chance(50)
                                    ? "UPDATE tag SET name = ?2 WHERE id = ?1"
                                    : "UPDATE OR REPLACE tag SET name = ?2 WHERE id = ?1",
                                {some_key(file, "tag", "id"), name});
                    break;
                case 18:
                    run_quietly(
                        file, "INSERT OR REPLACE INTO tagging VALUES (?1, ?2, ?3)",
                        {some_key(file, "task", "id"), some_key(file, "tag", "id"), token()});
                    break;
                case 19:
                    if (rng_.chance(50))
                        run_quietly(file, "DELETE FROM tag WHERE id = ?1",
                                    {some_key(file, "tag", "id")});
                    break;
                case 20:
                    run_quietly(file,
                                rng_.chance(70)
                                    ? "INSERT INTO person VALUES (?1, ?2, ?3)"
                                    : "INSERT OR REPLACE INTO person VALUES (?1, ?2, ?3)",
                                {person, email, token()});
                    break;
                case 21:
                    run_quietly(file, "UPDATE person SET email = ?2, a = ?3 WHERE id = ?1",
                                {person, email, token()});
                    break;
            }
        }
        transaction.commit();
    }
    const std::set<std::string> after = tokens(file);
    for (const std::string& one : before) {
        if (!after.contains(one)) given_up_.insert(one);
    }
    // A statement that was refused has written nothing.
    std::set<std::string> now = after;
    for (std::int64_t n = 1; n <= written_; ++n) {
        const std::string one = "v" + std::to_string(n);
        if (!seen_.contains(one) && !now.contains(one)) given_up_.insert(one);
        seen_.insert(one);
    }
}

void World::sync(Device& device, bool faulty) {
    VirtualClock::advance(1 + rng_.below(3));
    Connection connection(device.path, Connection::Open::read_write,
                          VirtualClock::vfs(device.number));
    connection.execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF");
    FileEndpoint file(primary_path_, false, VirtualClock::vfs(primary_number));
    file.connection().execute("PRAGMA synchronous = OFF");
    FaultyEndpoint endpoint(file, rng_, faulty ? 12 : 0);
    SyncOptions options;
    std::string line = "device-" + std::to_string(device.number) + ": sync";
    try {
        const SyncReport report = Session(connection, endpoint, clock_, rng_, options).sync();
        line += " sent " + std::to_string(report.pushed) + ", received " +
                std::to_string(report.pulled) + ", conflicts " + std::to_string(report.conflicts) +
                ", mark " + std::to_string(report.mark);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unreachable) {
            log_.push_back(line + "  FAILED: " + error.message());
            throw;
        }
        line += "  cut off";
    }
    log_.push_back(std::move(line));
}

void World::copy_or_restore() {
    Device& device =
        *devices_[static_cast<std::size_t>(rng_.below(static_cast<std::int64_t>(devices_.size())))];
    if (backups_.empty() || rng_.chance(40)) {
        const std::string backup =
            (folder_ / ("backup-" + std::to_string(backups_.size()))).string();
        copy_file(device.path, backup);
        backups_.push_back(backup);
        log_.push_back("device-" + std::to_string(device.number) + ": backed up");
        return;
    }
    if (devices_.size() >= most_devices) return;
    const std::string path =
        (folder_ / ("device-" + std::to_string(devices_.size()) + ".db")).string();
    copy_file(
        backups_[static_cast<std::size_t>(rng_.below(static_cast<std::int64_t>(backups_.size())))],
        path);
    add_device(path);
    log_.push_back("device-" + std::to_string(devices_.size() - 1) + ": made from a backup");
}

void World::restore_primary() {
    const std::string backup = (folder_ / "primary-backup").string();
    if (!primary_backed_up_) {
        primary_application_.reset();
        Connection(primary_path_).execute("PRAGMA wal_checkpoint(TRUNCATE)");
        copy_file(primary_path_, backup);
        primary_backed_up_ = true;
        log_.push_back("primary: backed up");
    } else {
        primary_application_.reset();
        for (const char* suffix : {"-wal", "-shm", "-journal"}) fs::remove(primary_path_ + suffix);
        copy_file(backup, primary_path_);
        primary_rolled_back_ = true;
        log_.push_back("primary: restored from its backup");
    }
    primary_application_ = std::make_unique<Connection>(primary_path_, Connection::Open::read_write,
                                                        VirtualClock::vfs(primary_number));
    primary_application_->execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF");
}

std::string World::play() {
    try {
        found();
        for (std::int64_t left = 5 + rng_.below(75); left > 0; --left) {
            const std::int64_t dice = rng_.below(100);
            Device& device = *devices_[static_cast<std::size_t>(
                rng_.below(static_cast<std::int64_t>(devices_.size())))];
            if (dice < 62) {
                edit(*device.application);
            } else if (dice < 86) {
                sync(device, true);
            } else if (dice < 91) {
                edit(*primary_application_);
            } else if (faults_.files && dice < 94) {
                copy_or_restore();
            } else if (faults_.files && dice < 95) {
                restore_primary();
            }
        }
        for (int round = 0; round < 3; ++round) {
            for (const auto& device : devices_) sync(*device, false);
        }
        return check();
    } catch (const Error& error) {
        return std::string("an error: ") + error.message();
    }
}

std::string World::compare(Device& device) {
    Connection& file = *device.application;
    const std::string name = "device-" + std::to_string(device.number);
    for (const char* table : tables) {
        const std::string here = dump(file, table), there = dump(*primary_application_, table);
        if (here != there) {
            return name + " differs from the primary in " + table + ":\n" + here + "-- primary\n" +
                   there;
        }
        const std::int64_t pending =
            file.integer("SELECT count(*) FROM tidemark_pending_" + std::string(table));
        if (pending > 0) return name + " has pending changes in " + table;
    }
    if (file.scalar("PRAGMA integrity_check") != Value{std::string("ok")})
        return name + " is damaged";
    Statement references(file, "PRAGMA foreign_key_check");
    if (references.step()) {
        return name + " has a dangling reference in " + references.text(0) + " to " +
               references.text(2);
    }
    try {
        file.execute("INSERT INTO note_text(note_text) VALUES ('integrity-check')");
    } catch (const SqlError&) {
        return name + " has a full-text table that does not match";
    }
    return {};
}

std::string World::check() {
    for (const auto& device : devices_) {
        if (std::string wrong = compare(*device); !wrong.empty()) return wrong;
    }
    if (primary_rolled_back_) return {};  // what only the primary had is gone by nature
    std::set<std::string> kept = tokens(*primary_application_);
    kept.insert(given_up_.begin(), given_up_.end());
    for (const auto& device : devices_) {
        for (const Conflict& conflict : ConflictLog(*device->application).list(true)) {
            for (const NamedValues* side : {&conflict.here, &conflict.there}) {
                for (const auto& [name, value] : *side) {
                    if (const auto* text = std::get_if<std::string>(&value)) kept.insert(*text);
                }
            }
        }
    }
    std::string lost;
    for (const std::string& one : seen_) {
        if (!kept.contains(one)) lost += " " + one;
    }
    return lost.empty() ? "" : "lost:" + lost;
}

}  // namespace tidemark::sim
