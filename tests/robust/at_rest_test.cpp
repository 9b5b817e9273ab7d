// What `tidemark watch` takes while nothing happens.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "robust/child.hpp"
#include "robust/files.hpp"
#include "support/process.hpp"
#include "support/served.hpp"

namespace tidemark::robust {
namespace {

constexpr int databases = 10;

/// What it has in memory: of its own, and of what it shares with other programs.
double resident_mb(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) * 1024 / 1e6;
    }
    return 0;
}

bool eventually(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return true;
}

/// Watches ten databases, the primary of each at `primaries` with its number behind.
void expect_calm(const Folder& folder, const std::string& primaries) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer takes memory of its own";
#endif
    std::vector<std::string> words{"watch", "-q"};
    for (int i = 0; i < databases; ++i) {
        const std::string number = std::to_string(i);
        words.push_back(folder / (number + ".db"));
        make(words.back(), "wal", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
        run(words.back(), numbers(1, 1000) + "INSERT INTO t SELECT i, hex(randomblob(30)) FROM n");
        const Ending attached = run_command({"attach", words.back(), primaries + number});
        ASSERT_EQ(attached.exit_code, 0) << attached.output;
        run(words.back(), "UPDATE t SET v = 'edited' WHERE id % 2 = 0");
    }
    Child watch = Child::command(words);
    for (auto file = words.begin() + 2; file != words.end(); ++file) {
        const char* pending = "SELECT count(*) FROM tidemark_pending_t";
        ASSERT_TRUE(eventually([&] { return number(*file, pending) == 0; })) << *file;
    }
    EXPECT_TRUE(eventually([&] { return resident_mb(watch.pid()) < 15; }))
        << resident_mb(watch.pid()) << " MB";
    const auto asked = std::chrono::steady_clock::now();
    watch.send(SIGINT);
    const Ending ending = watch.wait();
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(5));  // not one each
    EXPECT_EQ(ending.exit_code, 0) << ending.output;
}

TEST(AtRest, TenWatchedFilesTakeUnder20MB) {
    const Folder folder;
    expect_calm(folder, folder / "primary");
}

TEST(AtRest, TenWatchedDatabasesOfAServerTakeUnder20MBAlsoWithTls) {
    const Folder folder;
    const Ran made = run_program(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", "tls.key", "-out", "tls.pem", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"},
        folder.path());
    ASSERT_EQ(made.exit_code, 0) << made.err;
    ::unsetenv("CURL_CA_BUNDLE");  // it would count for more
    ::setenv("SSL_CERT_FILE", (folder / "tls.pem").c_str(), 1);
    for (int i = 0; i < databases; ++i) {
        make(folder / ("served" + std::to_string(i) + ".db"), "wal", "PRAGMA user_version = 0");
    }
    const Served server(folder.path(),
                        {"--tls-cert", folder / "tls.pem", "--tls-key", folder / "tls.key"});
    expect_calm(folder, "https://localhost:" + std::to_string(server.port()) + "/dev/served");
}

}  // namespace
}  // namespace tidemark::robust
