// What a user does with the command, on two devices.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "testing/device.hpp"

namespace memorygraph {
namespace {

namespace fs = std::filesystem;

std::string titles(const std::string& list) { return "{\"titles\":\"" + list + "\"}\n"; }

using examples::Device;
using tidemark::Ran;

/// A device with memories.
class Machine : public Device {
public:
    explicit Machine(const std::string& home) : Device(home, {{"MEMORY_BACKEND", "turso"}}) {}

    std::string store(const std::string& title, const std::string& content) const {
        return std::string(json({"store", title, "--content", content}).at("id").as_string());
    }
    /// The titles of all memories, sorted.
    std::string titles() const {
        return ok({"query",
                   "SELECT group_concat(title, ', ') AS titles FROM (SELECT properties ->> 'title' "
                   "AS title FROM nodes ORDER BY 1)"});
    }
    std::string property(const std::string& id, const char* name) const {
        return std::string(json({"show", id}).at("properties").at(name).as_string());
    }
};

class Story : public testing::Test {
protected:
    Story() {
        fs::create_directory(folder / "reach");
        for (Machine* device : {&laptop, &phone}) {
            device->environment["TURSO_DATABASE_URL"] = folder / "reach/primary.db";
        }
    }
    /// The primary cannot be reached.
    void offline() { fs::rename(folder / "reach", folder / "away"); }
    void online() { fs::rename(folder / "away", folder / "reach"); }

    tidemark::TempFolder folder;
    Machine laptop{folder / "laptop"};
    Machine phone{folder / "phone"};
};

TEST_F(Story, TwoDevicesFromTheFirstRunToOptingOut) {
    // A memory from before there was a primary.
    laptop.environment.erase("TURSO_DATABASE_URL");
    const std::string plan = laptop.store("Plan", "Use WAL mode");
    EXPECT_EQ(laptop.run({"sync"}).err,
              "memorygraph: warning: Sync called but not in embedded replica mode\n");

    // The first run with a primary uploads it, the second device has it at once.
    laptop.environment["TURSO_DATABASE_URL"] = folder / "reach/primary.db";
    EXPECT_EQ(laptop.json({"sync"}).at("pending").as_int64(), 0);
    EXPECT_EQ(phone.titles(), titles("Plan"));
    EXPECT_EQ(phone.json({"search", "wal"}).at("memories").as_array().size(), 1U);

    // Both go on working without the primary, and say so.
    offline();
    const std::string bug = laptop.store("Bug", "database is locked");
    laptop.ok({"relate", plan, "SOLVES", bug});
    laptop.ok({"update", plan, "--content", "WAL mode, by the laptop"});
    const std::string idea = phone.store("Idea", "a second index");
    phone.ok({"relate", idea, "FOLLOWS", plan});
    EXPECT_NE(phone.run({"update", plan, "--content", "WAL mode, by the phone"})
                  .err.find("Working offline: "),
              std::string::npos);
    EXPECT_EQ(laptop.titles(), titles("Bug, Plan"));
    EXPECT_EQ(phone.titles(), titles("Idea, Plan"));
    EXPECT_EQ(laptop.run({"sync"}).exit_code, 3);

    // Back online, nothing is missing; of the two edits the later one stands.
    online();
    phone.ok({"sync"});
    laptop.ok({"sync"});
    phone.ok({"sync"});
    for (const Machine* device : {&laptop, &phone}) {
        EXPECT_EQ(device->titles(), titles("Bug, Idea, Plan"));
        EXPECT_EQ(device->property(plan, "content"), "WAL mode, by the phone");
        EXPECT_NE(device->ok({"path", idea, bug}).find(" -SOLVES-> " + bug), std::string::npos);
    }

    // The other edit is kept, and can be brought back.
    int restored = 0;
    const auto listed = laptop.json({"conflicts"});
    for (const auto& conflict : listed.at("conflicts").as_array()) {
        EXPECT_EQ(conflict.at("key").at("id").as_string(), plan);
        // Where the two edits were made in different seconds, updated_at lost too.
        const bool is_edit = conflict.at("columns").at(0).as_string() == "properties";
        restored += is_edit ? 1 : 0;
        laptop.ok({"conflicts", is_edit ? "restore" : "dismiss",
                   std::to_string(conflict.at("id").as_int64())});
    }
    EXPECT_EQ(restored, 1);
    EXPECT_EQ(laptop.ok({"conflicts"}), "No conflicts.\n");
    EXPECT_EQ(phone.property(plan, "content"), "WAL mode, by the laptop");

    // Opting out keeps the data, and the primary's.
    laptop.ok({"detach"});
    laptop.environment.erase("TURSO_DATABASE_URL");
    EXPECT_EQ(laptop.titles(), titles("Bug, Idea, Plan"));
    EXPECT_FALSE(laptop.json({"health"}).at("replica_mode").as_bool());
    EXPECT_EQ(laptop.ok({"query", "SELECT name FROM sqlite_master WHERE name LIKE 'tidemark%'"}),
              "");
    EXPECT_EQ(phone.titles(), titles("Bug, Idea, Plan"));

    // The same file works with the plain backend, and back again.
    laptop.environment["MEMORY_BACKEND"] = "sqlite";
    laptop.environment["MEMORY_SQLITE_PATH"] = "~/.memorygraph/memory.db";
    laptop.store("Alone", "on the laptop");
    EXPECT_EQ(laptop.run({"sync"}).exit_code, 2);
    laptop.environment["MEMORY_BACKEND"] = "turso";
    laptop.environment["TURSO_DATABASE_URL"] = folder / "reach/primary.db";
    laptop.ok({"sync"});
    EXPECT_EQ(phone.titles(), titles("Alone, Bug, Idea, Plan"));
}

TEST_F(Story, TheSameConnectionMadeOnTwoDevicesIsOne) {
    const std::string a = laptop.store("A", "a");
    const std::string b = laptop.store("B", "b");
    phone.ok({"sync"});
    offline();
    laptop.ok({"relate", a, "SOLVES", b});
    phone.ok({"relate", a, "SOLVES", b});
    online();
    laptop.ok({"sync"});
    phone.ok({"sync"});
    laptop.ok({"sync"});
    for (const Machine* device : {&laptop, &phone}) {
        EXPECT_EQ(device->json({"related", a}).at("relationships").as_array().size(), 1U);
    }
}

TEST_F(Story, AMemoryDeletedHereAndConnectedThereIsNotTornOutOfTheGraph) {
    const std::string a = laptop.store("A", "a");
    const std::string b = laptop.store("B", "b");
    phone.ok({"sync"});
    offline();
    laptop.ok({"delete", a});
    phone.ok({"relate", a, "SOLVES", b});
    online();
    laptop.ok({"sync"});
    phone.ok({"sync"});
    laptop.ok({"sync"});
    EXPECT_EQ(laptop.titles(), phone.titles());
    EXPECT_EQ(laptop.json({"related", b}).at("nodes").as_array().size(), 1U);
    for (const Machine* device : {&laptop, &phone}) {
        EXPECT_EQ(device->ok({"query", "PRAGMA foreign_key_check"}), "");
    }
}

/// `tidemark serve` on a port of its own, ended with the object.
class Server {
public:
    explicit Server(const std::string& database) {
        int output[2] = {};
        if (::pipe(output) != 0) throw std::runtime_error("pipe failed");
        process_ = ::fork();
        if (process_ < 0) throw std::runtime_error("fork failed");
        if (process_ == 0) {
            ::dup2(output[1], STDOUT_FILENO);
            ::close(output[0]);
            ::execl(TIDEMARK_COMMAND, "tidemark", "serve", database.c_str(), "--listen",
                    "127.0.0.1:0", "--json", nullptr);
            ::_exit(127);
        }
        ::close(output[1]);
        std::string line;
        for (char c = 0; ::read(output[0], &c, 1) == 1 && c != '\n';) line += c;
        ::close(output[0]);
        if (line.empty()) throw std::runtime_error("the server did not start");
        url_ = std::string(boost::json::parse(line).at("url").as_string());
    }
    ~Server() {
        ::kill(process_, SIGTERM);
        ::waitpid(process_, nullptr, 0);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    const std::string& url() const { return url_; }

private:
    pid_t process_ = -1;
    std::string url_;
};

TEST_F(Story, TwoDevicesMeetAtAServerAndTheTokenIsNowhere) {
    const std::string token = examples::some_token();
    std::string said;
    const auto run = [&](const Machine& machine, std::vector<std::string> arguments) {
        arguments.emplace_back("--verbose");
        const Ran ran = machine.run(arguments);
        said += ran.out + ran.err;
        return ran.exit_code;
    };
    std::string id;
    {
        const Server server(folder / "served.db");
        for (Machine* machine : {&laptop, &phone}) {
            machine->environment["TURSO_DATABASE_URL"] = server.url();
            machine->environment["TURSO_AUTH_TOKEN"] = token;
        }
        id = laptop.store("Plan", "Use WAL mode");
        EXPECT_EQ(phone.titles(), titles("Plan"));
        EXPECT_EQ(run(phone, {"update", id, "--content", "by the phone"}), 0);
        EXPECT_EQ(laptop.property(id, "content"), "by the phone");
        EXPECT_EQ(run(laptop, {"sync"}), 0);
        EXPECT_EQ(run(laptop, {"health"}), 0);
    }
    // The server is gone: reading and writing go on.
    EXPECT_EQ(run(laptop, {"store", "Alone", "--content", "offline"}), 0);
    EXPECT_EQ(run(laptop, {"sync"}), 3);
    EXPECT_EQ(laptop.titles(), titles("Alone, Plan"));
    EXPECT_NE(said.find("Working offline: "), std::string::npos) << said;
    EXPECT_EQ(said.find(token), std::string::npos);
    EXPECT_EQ(examples::files_with(folder.path().string(), token), std::vector<std::string>());
}

TEST_F(Story, MigratingBetweenTheTwoBackends) {
    laptop.environment["MEMORY_BACKEND"] = "sqlite";
    const std::string a = laptop.store("A", "a");
    EXPECT_EQ(laptop.run({"migrate", "turso"}).exit_code, 2);  // both use the same file
    laptop.environment["MEMORY_TURSO_PATH"] = folder / "laptop/turso.db";
    EXPECT_EQ(laptop.ok({"migrate", "turso"}),
              "Copied 1 memories, 0 relationships and 0 embeddings to " +
                  (folder / "laptop/turso.db") + ".\n");
    EXPECT_EQ(phone.titles(), titles("A"));
    phone.store("B", "b");
    laptop.environment["MEMORY_SQLITE_PATH"] = folder / "laptop/back.db";
    EXPECT_EQ(laptop.json({"migrate", "sqlite"}).at("nodes").as_int64(), 2);
    EXPECT_EQ(laptop.titles(), titles("A, B"));
}

TEST_F(Story, MistakesAreExplained) {
    const auto fails = [&](const std::vector<std::string>& arguments, int exit_code,
                           const std::string& part) {
        const std::string said = laptop.fails(exit_code, arguments);
        EXPECT_NE(said.find(part), std::string::npos) << said;
    };
    fails({"show", "nobody"}, 1, "there is no memory nobody");
    fails({"delete", "nobody"}, 1, "there is no memory nobody");
    fails({"related", "nobody"}, 1, "there is no memory nobody");
    fails({"search"}, 2, "search takes either words or --near");
    fails({"search", "--near", "[1, \"x\"]"}, 2, "an embedding is an array of numbers");
    fails({"store", "x", "--set", "novalue"}, 2, "Write --set NAME=JSON.");
    fails({"store", "x", "--set", "a=b"}, 2, "--set a must be JSON");
    fails({"query", "DELETE FROM nodes"}, 2, "the statement writes");
    fails({"related", "x", "--depth", "11"}, 2, "--depth");
    fails({"nonsense"}, 2, "nonsense");
    laptop.environment["MEMORY_TURSO_SYNC_INTERVAL"] = "soon";
    fails({"list"}, 2, "MEMORY_TURSO_SYNC_INTERVAL is 'soon'");
    EXPECT_EQ(laptop.json({"list"}, 2).at("error").at("code").as_string(), "usage");
}

TEST_F(Story, EveryCommandHasHelp) {
    const std::string help = laptop.ok({"--help"});
    for (const char* word : {"MEMORY_BACKEND", "MEMORY_TURSO_PATH", "TURSO_DATABASE_URL", "mcp"}) {
        EXPECT_NE(help.find(word), std::string::npos) << word;
    }
    for (const char* command :
         {"store", "search", "list", "show", "update", "delete", "query", "relate", "related",
          "path", "sync", "conflicts", "detach", "health", "migrate", "mcp", "bench"}) {
        EXPECT_NE(help.find(command), std::string::npos) << command;
        EXPECT_NE(laptop.ok({command, "--help"}), "") << command;
    }
}

TEST_F(Story, TheBenchMeasuresEverything) {
    const auto report = laptop.json({"bench", "--memories", "40", "--dimensions", "8"});
    EXPECT_EQ(report.at("rows").as_array().size(), 12U);
}

}  // namespace
}  // namespace memorygraph
