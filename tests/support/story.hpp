#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <tidemark/tidemark.hpp>

#include "support/dump.hpp"
#include "support/primary_server.hpp"
#include "support/process.hpp"
#include "support/temp_folder.hpp"

namespace tidemark {

/// A few devices and their primary in one folder. Files are named without the folder: the primary
/// is primary.db, the devices are usually a.db and b.db.
///
/// With TIDEMARK_TEST_PRIMARY the devices reach primary.db through a server. Whoever asks for the
/// path of primary.db gets a plain SQLite file, whose server stands still until another path is
/// asked for.
class Story : public testing::Test {
protected:
    std::string path(const std::string& file) const;
    /// What a device gives as its primary: a path, or the URL of the server before it.
    std::string location(const std::string& primary) const;

    /// What an application does to its file, with foreign keys on. Each edit is a little later than
    /// everything before it.
    void edit(const std::string& file, const std::string& sql);
    /// Makes a file first where there is none.
    void make(const std::string& file, const std::string& sql);
    /// "1, 'a'" for each row.
    Dump ask(const std::string& file, const std::string& sql) const;

    AttachReport attach(const std::string& file, AttachOptions options = {},
                        const std::string& primary = "primary.db");
    AttachReport clone(const std::string& file, const std::string& primary = "primary.db");
    SyncReport sync(const std::string& file, const SyncOptions& options = {});

    /// a.db with this schema and data, attached; b.db cloned from it.
    void two_devices(const std::string& schema, AttachOptions options = {});
    /// Syncs all in turn until nothing moves, then expects all of them and the primary to hold the
    /// same, and to be sound.
    void settle(const std::vector<std::string>& files = {"a.db", "b.db"});

    void expect_same(const std::string& file, const std::string& other);
    /// integrity_check and foreign_key_check are content.
    void expect_sound(const std::string& file);

    std::vector<Conflict> conflicts(const std::string& file);

    /// tidemark ARGUMENTS… in the folder.
    Ran tidemark(const std::vector<std::string>& arguments) const;
    /// The same with --json; expects the exit code.
    boost::json::object tidemark_json(std::vector<std::string> arguments, int exit_code = 0) const;
    /// The plain SQLite shell.
    void shell(const std::string& file, const std::string& sql) const;
    /// Python's sqlite3 module: `db` is the connection, committed at the end.
    void python(const std::string& file, const std::string& code) const;

    void copy(const std::string& from, const std::string& to) const;
    void remove(const std::string& file) const;

    /// Lets the clock move on, so that what follows is later.
    static void later();

    TempFolder folder;

private:
    mutable std::unique_ptr<PrimaryServer> server_;
};

/// Runs `action`, expects an Error of this kind, and returns it.
Error expect_error(ErrorCode code, const std::function<void()>& action);

}  // namespace tidemark
