#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

namespace tidemark {

/// A server in front of a test's primary, where TIDEMARK_TEST_PRIMARY names one:
///
///     tursodb   tursodb's sync server, from the folder that scripts/servers fills
///     serve     tidemark serve
///     sqld      sqld, from the same folder, if asked for (scripts/servers FOLDER --sqld)
///
/// Each test has a server of its own on a port of its own; it is killed with the test. While it is
/// stopped, its file is an ordinary SQLite file.
class PrimaryServer {
public:
    /// Whether this run has servers in front of its primaries.
    static bool wanted();
    /// What is wanted, such as "tursodb"; "file" where nothing is.
    static std::string kind();

    /// In front of the database at `path`, which is made where there is none. Not started yet.
    explicit PrimaryServer(std::string path);
    ~PrimaryServer();
    PrimaryServer(const PrimaryServer&) = delete;
    PrimaryServer& operator=(const PrimaryServer&) = delete;

    /// Returns when it takes connections.
    void start();
    void stop();
    bool running() const { return pid_ > 0; }

    std::string url() const;

private:
    /// sqld keeps a database in a folder of its own form, with a log that follows from it.
    void give_to_sqld() const;
    void take_from_sqld() const;

    std::string path_;
    int port_ = 0;
    pid_t pid_ = 0;
};

}  // namespace tidemark
