// The disk is full, on the device or at the primary: a clear error, nothing lost, and once there is
// room the next sync completes. A small file system of its own where the test may mount one; the
// limit on the size of a file, which needs no rights, stands in for it elsewhere.

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "robust/child.hpp"
#include "robust/files.hpp"

namespace tidemark::robust {
namespace {

constexpr const char* schema = "CREATE TABLE t(id INTEGER PRIMARY KEY, title TEXT, body TEXT)";

std::string rows(std::int64_t from, std::int64_t to) {
    return numbers(from, to) + "INSERT INTO t SELECT i, 'title ' || i, hex(randomblob(200)) FROM n";
}

/// A disk of a few megabytes that can be filled up.
class SmallDisk {
public:
    explicit SmallDisk(const std::string& path) : path_(path) {
        mkdir(path.c_str(), 0700);
        mounted_ = mount("tidemark-test", path.c_str(), "tmpfs", 0, "size=16m") == 0;
    }
    ~SmallDisk() {
        if (mounted_) umount2(path_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool mounted() const { return mounted_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

    /// Leaves room for so many bytes.
    void fill(std::uintmax_t left) const {
        const std::uintmax_t free = std::filesystem::space(path_).available;
        if (free <= left) return;
        std::ofstream ballast(*this / "ballast", std::ios::binary);
        const std::string block(65'536, '#');
        for (std::uintmax_t wanted = free - left; wanted > 0;) {
            const std::uintmax_t some = std::min<std::uintmax_t>(wanted, block.size());
            ballast.write(block.data(), static_cast<std::streamsize>(some));
            wanted -= some;
        }
    }
    void empty() const { std::filesystem::remove(*this / "ballast"); }

private:
    std::string path_;
    bool mounted_ = false;
};

void expect_failed(const Ending& ending, const std::string& because) {
    EXPECT_EQ(ending.exit_code, 1) << ending.output;
    EXPECT_NE(ending.output.find(because), std::string::npos) << ending.output;
}

void expect_done(const std::vector<std::string>& arguments) {
    const Ending ending = run_command(arguments);
    ASSERT_EQ(ending.exit_code, 0) << ending.output;
}

/// What a file holds, and what waits in it, as one number that any change moves.
std::int64_t contents(const std::string& file) {
    return number(file,
                  "SELECT count(*) * 1000000007 + total(id * length(title) + length(body)) FROM t");
}
std::int64_t pending(const std::string& file) {
    return number(file, "SELECT count(*) FROM tidemark_pending_t");
}

class FullDisk : public testing::Test {
protected:
    void SetUp() override {
        if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small file system here";
    }
    /// A at `a`, B beside it, both attached to `primary`, with 2,000 rows.
    void attach_both(const std::string& a, const std::string& primary) {
        make(a, "wal", schema);
        run(a, rows(1, 2'000));
        expect_done({"attach", a, primary});
        expect_done({"clone", primary, folder / "b.db"});
    }
    void expect_equal(const std::string& a, const std::string& primary) {
        EXPECT_EQ(integrity(a), "ok");
        EXPECT_EQ(integrity(primary), "ok");
        EXPECT_EQ(differing_rows(a, primary, "t"), 0);
    }

    Folder folder;
    SmallDisk disk{folder / "disk"};
};

TEST_F(FullDisk, OnTheDeviceAPullFailsAndTheNextOneCompletes) {
    const std::string a = disk / "a.db", primary = folder / "primary.db";
    attach_both(a, primary);
    run(a, "UPDATE t SET title = 'pending here' WHERE id <= 500");
    run(folder / "b.db", rows(2'001, 12'000));
    run(folder / "b.db", "UPDATE t SET title = 'from b' WHERE id BETWEEN 500 AND 1000");
    expect_done({"sync", folder / "b.db"});

    const std::int64_t before = contents(a), waiting = pending(a);
    for (const std::uintmax_t left : {0, 300'000, 2'000'000}) {
        SCOPED_TRACE(std::to_string(left) + " bytes left");
        disk.fill(left);
        // In WAL mode SQLite calls it an I/O error where not even the index of the WAL has room.
        expect_failed(run_command({"sync", a}), left == 0 ? "free space" : "the disk is full");
        disk.empty();
        EXPECT_EQ(integrity(a), "ok");
        EXPECT_EQ(contents(a), before);
        EXPECT_EQ(pending(a), waiting);
    }
    expect_done({"sync", a});
    EXPECT_EQ(number(a, "SELECT count(*) FROM t WHERE title = 'pending here'"), 499);
    expect_equal(a, primary);
}

TEST_F(FullDisk, AtThePrimaryAPushFailsAndTheNextOneCompletes) {
    const std::string a = folder / "a.db", primary = disk / "primary.db";
    attach_both(a, primary);
    run(a, rows(2'001, 12'000));
    run(a, "DELETE FROM t WHERE id <= 100");

    const std::int64_t before = contents(primary), here = contents(a), waiting = pending(a);
    for (const std::uintmax_t left : {0, 300'000, 2'000'000}) {
        SCOPED_TRACE(std::to_string(left) + " bytes left");
        disk.fill(left);
        const Ending ending = run_command({"sync", a});
        expect_failed(ending, "the disk is full");
        expect_failed(ending, primary);
        disk.empty();
        EXPECT_EQ(integrity(primary), "ok");
        EXPECT_EQ(contents(primary), before);
        EXPECT_EQ(contents(a), here);
        EXPECT_EQ(pending(a), waiting);
    }
    expect_done({"sync", a});
    expect_equal(a, primary);
    EXPECT_EQ(pending(a), 0);
}

TEST_F(FullDisk, AFirstUploadAndACloneGoOnOnceThereIsRoom) {
    const std::string a = folder / "a.db", primary = disk / "primary.db", clone = disk / "clone.db";
    make(a, "wal", schema);
    run(a, rows(1, 8'000));
    disk.fill(1'000'000);
    expect_failed(run_command({"attach", a, primary}), "the disk is full");
    run(a, "UPDATE t SET title = 'meanwhile' WHERE id = 3");
    expect_failed(run_command({"sync", a}), "the disk is full");
    disk.empty();
    expect_done({"sync", a});
    expect_equal(a, primary);

    disk.fill(1'000'000);
    expect_failed(run_command({"clone", primary, clone}), "the disk is full");
    EXPECT_FALSE(std::filesystem::exists(clone));
    disk.empty();
    expect_done({"clone", primary, clone});
    expect_equal(clone, primary);
}

TEST(FileLimit, APullThatCannotGrowTheFileChangesNothing) {
    const Folder folder;
    const std::string a = folder / "a.db", primary = folder / "primary.db", b = folder / "b.db";
    make(a, "delete", schema);
    run(a, rows(1, 2'000));
    expect_done({"attach", a, primary});
    expect_done({"clone", primary, b});
    run(a, "UPDATE t SET title = 'pending here' WHERE id <= 500");
    run(b, rows(2'001, 12'000));
    expect_done({"sync", b});
    const std::int64_t before = contents(a), waiting = pending(a);
    expect_failed(run_command({"sync", a}, 3'000'000),
                  "the operating system reported an I/O error");
    EXPECT_EQ(integrity(a), "ok");
    EXPECT_EQ(contents(a), before);
    EXPECT_EQ(pending(a), waiting);
    expect_done({"sync", a});
    EXPECT_EQ(differing_rows(a, primary, "t"), 0);
}

}  // namespace
}  // namespace tidemark::robust
