#include "support/story.hpp"

#include <chrono>
#include <thread>

#include "sqlite/connection.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

constexpr const char* companions[] = {"", "-wal", "-shm", "-journal"};

}  // namespace

std::string Story::path(const std::string& file) const {
    if (server_ && file == "primary.db") server_->stop();
    if (server_ && file != "primary.db") server_->start();
    return folder / file;
}

std::string Story::location(const std::string& primary) const {
    if (!PrimaryServer::wanted() || primary != "primary.db") return path(primary);
    if (!server_) server_ = std::make_unique<PrimaryServer>(folder / primary);
    server_->start();
    return server_->url();
}

void Story::later() { std::this_thread::sleep_for(std::chrono::milliseconds(3)); }

void Story::edit(const std::string& file, const std::string& sql) {
    later();
    Connection connection(path(file));
    connection.execute("PRAGMA foreign_keys = ON");
    connection.execute(sql);
}

void Story::make(const std::string& file, const std::string& sql) {
    Connection connection(path(file), Connection::Open::create);
    connection.execute(sql);
}

Dump Story::ask(const std::string& file, const std::string& sql) const {
    return dump_query(path(file), sql);
}

AttachReport Story::attach(const std::string& file, AttachOptions options,
                           const std::string& primary) {
    if (options.device.empty()) options.device = file;
    return Replica::attach(path(file), location(primary), options);
}

AttachReport Story::clone(const std::string& file, const std::string& primary) {
    CloneOptions options;
    options.device = file;
    return Replica::clone(location(primary), path(file), options);
}

SyncReport Story::sync(const std::string& file, const SyncOptions& options) {
    return Replica::open(path(file)).sync(options);
}

void Story::two_devices(const std::string& schema, AttachOptions options) {
    make("a.db", schema);
    attach("a.db", std::move(options));
    clone("b.db");
}

void Story::settle(const std::vector<std::string>& files) {
    bool moved = true;
    for (int turn = 0; moved; ++turn) {
        ASSERT_LT(turn, 6) << "the devices go on changing each other";
        moved = false;
        for (const std::string& file : files) {
            const SyncReport report = sync(file);
            moved = moved || report.pushed + report.pulled + report.pending > 0;
        }
    }
    for (const std::string& file : files) {
        expect_same(file, "primary.db");
        expect_sound(file);
    }
    expect_sound("primary.db");
}

void Story::expect_same(const std::string& file, const std::string& other) {
    const Dump one = dump_rows(path(file));
    const Dump two = dump_rows(path(other));
    EXPECT_EQ(difference(one, two), "") << "- only in " << file << ", + only in " << other;
}

void Story::expect_sound(const std::string& file) {
    EXPECT_EQ(ask(file, "PRAGMA integrity_check"), Dump{"'ok'"}) << file;
    EXPECT_EQ(ask(file, "PRAGMA foreign_key_check"), Dump{}) << file;
}

std::vector<Conflict> Story::conflicts(const std::string& file) {
    return Replica::open(path(file)).conflicts();
}

Ran Story::tidemark(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = arguments;
    if (PrimaryServer::wanted()) {
        for (std::string& argument : all) {
            if (argument == "primary.db") argument = location(argument);
        }
        if (server_) server_->start();
    }
    return run_tidemark(all, folder.path().string());
}

boost::json::object Story::tidemark_json(std::vector<std::string> arguments, int exit_code) const {
    arguments.emplace_back("--json");
    const Ran ran = tidemark(arguments);
    EXPECT_EQ(ran.exit_code, exit_code) << ran.out << ran.err;
    return boost::json::parse(ran.out).as_object();
}

void Story::shell(const std::string& file, const std::string& sql) const {
    later();
    const Ran ran = run_program({"sqlite3", "-bail", "-init", "/dev/null", path(file)},
                                folder.path().string(), sql);
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
}

void Story::python(const std::string& file, const std::string& code) const {
    later();
    const Ran ran = run_program(
        {"python3", "-"}, folder.path().string(),
        "import sqlite3\ndb = sqlite3.connect('" + path(file) + "')\n" + code + "\ndb.commit()\n");
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
}

void Story::copy(const std::string& from, const std::string& to) const {
    remove(to);
    const std::string source = folder / from;
    if (from == "primary.db" || to == "primary.db") path("primary.db");  // its server stands still
    for (const char* suffix : companions) {
        if (fs::exists(source + suffix)) fs::copy_file(source + suffix, (folder / to) + suffix);
    }
}

void Story::remove(const std::string& file) const {
    const std::string removed = path(file);
    for (const char* suffix : companions) fs::remove(removed + suffix);
}

Error expect_error(ErrorCode code, const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.message();
        EXPECT_FALSE(error.message().empty());
        EXPECT_FALSE(error.hint().empty()) << error.message();
        return error;
    }
    ADD_FAILURE() << "there was no error";
    return {ErrorCode::failed, {}};
}

}  // namespace tidemark
