// A token, given in each way that there is, to every command against a served primary: it must be
// in nothing that is written, and in no list of arguments that others on the machine can read.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "support/answering.hpp"
#include "support/served.hpp"
#include "support/story.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class Secret : public Story {
protected:
    void SetUp() override {
        plain = {"env",
                 "-u",
                 "TIDEMARK_AUTH_TOKEN",
                 "-u",
                 "TURSO_AUTH_TOKEN",
                 "HOME=" + path("home"),
                 "XDG_CONFIG_HOME=" + path("home")};
        fs::create_directories(path("home"));
        ASSERT_EQ(run({"keys", "create", path("keys.pem")}).exit_code, 0);
        token = run_program({TIDEMARK_COMMAND, "token", "create", "--key", path("keys.pem")},
                            folder.path().string())
                    .out;
        token.erase(token.find('\n'));
        std::ofstream(path("token")) << token;
        fs::permissions(path("token"), fs::perms(0600));
    }

    /// Nothing in `text` is the token, nor the part of it that nobody could guess.
    void expect_none(const std::string& text, const std::string& where) const {
        const std::string signature = token.substr(token.rfind('.') + 1);
        EXPECT_EQ(text.find(signature), std::string::npos) << "the token is in " << where;
    }

    /// One way to give the token: what stands before the command, after it, and on its input.
    struct Way {
        std::string name;
        std::vector<std::string> variables;
        std::vector<std::string> options;
        std::string input;
    };
    Ran run(const std::vector<std::string>& arguments, const Way& way = {}) const {
        std::vector<std::string> all = plain;
        all.insert(all.end(), way.variables.begin(), way.variables.end());
        all.push_back(TIDEMARK_COMMAND);
        all.insert(all.end(), arguments.begin(), arguments.end());
        all.insert(all.end(), way.options.begin(), way.options.end());
        return run_program(all, folder.path().string(), way.input);
    }
    /// Runs a command in text, in text with --verbose, and in JSON.
    void run_all_ways(std::vector<std::string> arguments, const Way& way,
                      const std::vector<int>& allowed = {0}) const {
        for (const char* form : {"", "--verbose", "--json"}) {
            std::vector<std::string> all = arguments;
            if (*form) all.emplace_back(form);
            const Ran ran = run(all, way);
            const std::string where = way.name + ", " + arguments[0] + " " + form;
            expect_none(ran.out + ran.err, where);
            EXPECT_TRUE(std::find(allowed.begin(), allowed.end(), ran.exit_code) != allowed.end())
                << where << ": " << ran.exit_code << "\n"
                << ran.out << ran.err;
        }
    }
    /// Everything in the folder, but for the files whose purpose is to hold it. What a database
    /// holds in any table is in its file.
    void expect_none_in_files(const std::string& when) const {
        for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
            const std::string name = entry.path().filename();
            if (!entry.is_regular_file() || name == "token" || name == "credentials.json") continue;
            expect_none(content_of(entry.path()), when + ", " + entry.path().string());
        }
    }

    std::vector<std::string> plain;
    std::string token;
};

TEST_F(Secret, E8EveryCommandWithATokenByEachWayAndNowhereTheToken) {
    const Served server(path("primary.db"),
                        {"--auth-jwt-key", path("keys.pem.pub"), "--log-level", "debug"});
    const std::vector<Way> ways = {
        {"TIDEMARK_AUTH_TOKEN", {"TIDEMARK_AUTH_TOKEN=" + token}, {}, {}},
        {"TURSO_AUTH_TOKEN", {"TURSO_AUTH_TOKEN=" + token}, {}, {}},
        {"--token-file", {}, {"--token-file", "token"}, {}},
        {"--token-file -", {}, {"--token-file", "-"}, token + "\n"},
        {"login", {}, {}, {}},
    };
    int number = 0;
    for (const Way& way : ways) {
        const std::string file = "d" + std::to_string(++number) + ".db";
        const std::string copy = "copy" + std::to_string(number) + ".db";
        make(file,
             "CREATE TABLE t(id TEXT PRIMARY KEY, v); INSERT INTO t VALUES ('" + file + "', 'x')");
        if (way.name == "login") {
            const Ran ran = run({"login", server.url(), "--token-file", "token"});
            ASSERT_EQ(ran.exit_code, 0) << ran.err;
            expect_none(ran.out + ran.err, "login");
        }
        run_all_ways({"attach", file, server.url(), "--merge", "--name", file}, way);
        run_all_ways({"clone", server.url(), copy, "--name", copy}, way, {0, 2});
        edit(file, "INSERT INTO t VALUES ('more " + file + "', 'y')");
        run_all_ways({"sync", file, "--dry-run"}, way);
        run_all_ways({"sync", file}, way);
        edit(copy, "UPDATE t SET v = 'c' WHERE id = '" + file + "'");
        edit(file, "UPDATE t SET v = 'f' WHERE id = '" + file + "'");
        run_all_ways({"sync", file, "--push"}, way);
        run_all_ways({"sync", copy, "--pull"}, way);
        run_all_ways({"conflicts", copy}, way);
        run_all_ways({"conflicts", copy, "show", "1"}, way);
        run_all_ways({"status", file, "--probe", "--check"}, way);
        run_all_ways({"status", file, "--short"}, way);
        run_all_ways({"log", file}, way);
        run_all_ways({"devices", file}, way);
        run_all_ways({"devices", file, "rename", "renamed " + file}, way);
        run_all_ways({"devices", file, "forget", "nobody"}, way, {2});
        run_all_ways({"verify", file}, way, {0, 1});
        run_all_ways({"doctor", file}, way, {0, 1});
        run_all_ways({"backup", file, "backup.db"}, way, {0, 1});
        run_all_ways({"export", file, "--format", "sql"}, way);
        run_all_ways({"whoami"}, way);
        run_all_ways({"config", "list"}, way);
        for (const char* form : {"--verbose", "--json"}) {
            std::vector<std::string> watch = plain;
            watch.insert(watch.end(), way.variables.begin(), way.variables.end());
            watch.insert(watch.end(), {"timeout", "-s", "INT", "1", TIDEMARK_COMMAND, "watch", file,
                                       "--interval", "1", form});
            watch.insert(watch.end(), way.options.begin(), way.options.end());
            const Ran ran = run_program(watch, folder.path().string(), way.input);
            expect_none(ran.out + ran.err, way.name + ", watch");
        }
        // A server that refuses is told of with the same care.
        edit(file, "UPDATE tidemark_meta SET primary_url = primary_url || '/no-such-database'");
        run_all_ways({"sync", file}, way, {1, 3, 4});
        run_all_ways({"detach", file, "--purge"}, way, {0, 2});
        expect_none_in_files(way.name);
    }
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"logout", "--all"}, {"whoami"}}) {
        expect_none(run(arguments).out, arguments[0]);
    }
    expect_none(server.log(), "the server's log");
    expect_none_in_files("at the end");
}

TEST_F(Secret, E8ATokenInAUrlIsNotStoredAndLeavesTheListOfProcesses) {
    const Unanswering silent(false);
    make("a.db", "CREATE TABLE t(id TEXT PRIMARY KEY, v)");
    const std::string url = "libsql://" + silent.place() + "?tls=0&authToken=" + token;
    const pid_t child = ::fork();
    if (child == 0) {
        if (::chdir(folder.path().c_str()) == 0 && ::freopen("out", "w", stdout) &&
            ::freopen("out", "a", stderr)) {
            ::execl(TIDEMARK_COMMAND, TIDEMARK_COMMAND, "attach", "a.db", url.c_str(), nullptr);
        }
        ::_exit(127);
    }
    const std::string cmdline = "/proc/" + std::to_string(child) + "/cmdline";
    std::string arguments;
    for (int i = 0; i < 500; ++i) {
        arguments = content_of(cmdline);
        if (arguments.find("attach") != std::string::npos &&
            arguments.find(token) == std::string::npos) {
            break;
        }
        ::usleep(10'000);
    }
    EXPECT_NE(arguments.find("attach"), std::string::npos) << arguments;
    expect_none(arguments, "the list of processes");
    ::kill(child, SIGINT);
    ::waitpid(child, nullptr, 0);
    expect_none_in_files("attach");
}

}  // namespace
}  // namespace tidemark
