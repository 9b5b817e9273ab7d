// Every way in which applications change a table, on every side, while another device was away with
// edits of its own: the schema arrives everywhere, and so do the rows.

#include "support/story.hpp"

namespace tidemark {
namespace {

/// How a migration gives the table `note` a column `tag` between its others, drops its column
/// `body`, and takes the row n4 out.
struct Form {
    const char* name;
    const char* sql;  ///< null: python runs it
};

constexpr const char* alembic = R"(
db.executescript("""
    CREATE TABLE _alembic_tmp_note (
        id TEXT NOT NULL,
        tag VARCHAR(10) DEFAULT 'none',
        title TEXT,
        PRIMARY KEY (id)
    );
    INSERT INTO _alembic_tmp_note (id, title) SELECT note.id, note.title FROM note WHERE id <> 'n4';
    DROP TABLE note;
    ALTER TABLE _alembic_tmp_note RENAME TO note;
""")
)";

constexpr Form forms[] = {
    {"Alter", R"(
        ALTER TABLE note ADD COLUMN tag VARCHAR(10) DEFAULT 'none';
        ALTER TABLE note DROP COLUMN body;
        DELETE FROM note WHERE id = 'n4')"},
    {"CreateCopyDropRename", R"(
        CREATE TABLE note_new(id TEXT NOT NULL, tag VARCHAR(10) DEFAULT 'none', title TEXT,
            PRIMARY KEY (id));
        INSERT INTO note_new(id, title) SELECT id, title FROM note WHERE id <> 'n4';
        DROP TABLE note;
        ALTER TABLE note_new RENAME TO note)"},
    {"RenameCreateCopyDrop", R"(
        ALTER TABLE note RENAME TO note_old;
        CREATE TABLE note(id TEXT NOT NULL, tag VARCHAR(10) DEFAULT 'none', title TEXT,
            PRIMARY KEY (id));
        INSERT INTO note(id, title) SELECT id, title FROM note_old WHERE id <> 'n4';
        DROP TABLE note_old)"},
    {"AlembicBatch", nullptr},
};

struct Side {
    const char* name;
    std::vector<const char*> files;
};

const Side sides[] = {
    {"OnADevice", {"a.db"}},
    {"OnEveryDevice", {"a.db", "b.db", "c.db"}},
    {"AtThePrimary", {"primary.db"}},
    {"OnADeviceAndAtThePrimary", {"a.db", "primary.db"}},
};

enum class Away { syncs_first, syncs_last };

using Choice = std::tuple<int, int, Away>;

class Migrating : public Story, public testing::WithParamInterface<Choice> {
protected:
    void migrate(const std::string& file) {
        const Form& form = forms[std::get<0>(GetParam())];
        if (form.sql)
            edit(file, form.sql);
        else
            python(file, alembic);
    }
};

TEST_P(Migrating, ReachesEveryDeviceAndKeepsTheEditsOfOneThatWasAway) {
    two_devices(
        "CREATE TABLE note(id TEXT NOT NULL, title TEXT, body TEXT, PRIMARY KEY (id)); "
        "INSERT INTO note VALUES ('n1', 'one', 'x'), ('n2', 'two', 'y'), ('n3', 'three', 'z'), "
        "('n4', 'four', 'to go')");
    clone("c.db");
    edit("c.db",
         "UPDATE note SET title = 'of c' WHERE id = 'n1'; "
         "UPDATE note SET body = 'only in a dropped column' WHERE id = 'n2'; "
         "DELETE FROM note WHERE id = 'n3'; INSERT INTO note VALUES ('c', 'new of c', 'new')");
    const auto& [form, side, away] = GetParam();
    if (away == Away::syncs_first) sync("c.db");
    for (const char* file : sides[side].files) migrate(file);
    edit("a.db", "UPDATE note SET title = 'of a' WHERE id = 'n2'");
    edit("b.db", "INSERT INTO note(id, title) VALUES ('b', 'new of b')");
    const std::vector<std::string> files = {"a.db", "b.db", "c.db"};
    for (const std::string& file : files) sync(file);
    settle(files);
    for (const std::string& file : files) {
        EXPECT_EQ(ask(file, "SELECT name FROM pragma_table_info('note') ORDER BY 1"),
                  (Dump{"'id'", "'tag'", "'title'"}))
            << file;
        EXPECT_EQ(ask(file, "SELECT id, title, tag FROM note ORDER BY id"),
                  (Dump{"'b', 'new of b', 'none'", "'c', 'new of c', 'none'",
                        "'n1', 'of c', 'none'", "'n2', 'of a', 'none'"}))
            << file;
    }
    // What was edited in a column that another device dropped is kept where it was edited, unless
    // this very device dropped it, or others had the value before it went.
    const bool dropped_by_others =
        std::count(sides[side].files.begin(), sides[side].files.end(), std::string("c.db")) == 0;
    if (away == Away::syncs_last && dropped_by_others) {
        std::size_t kept = 0;
        for (const Conflict& conflict : conflicts("c.db")) {
            kept += conflict.columns == std::vector<std::string>{"body"} &&
                    conflict.here.back().second == Value{std::string("only in a dropped column")};
        }
        EXPECT_EQ(kept, 1u);
    }
}

std::string name_of(const testing::TestParamInfo<Choice>& info) {
    const auto& [form, side, away] = info.param;
    return std::string(forms[form].name) + sides[side].name +
           (away == Away::syncs_first ? "AfterTheOthersEdits" : "BeforeTheOthersEdits");
}

INSTANTIATE_TEST_SUITE_P(EveryForm, Migrating,
                         testing::Combine(testing::Range(0, 4), testing::Range(0, 4),
                                          testing::Values(Away::syncs_first, Away::syncs_last)),
                         name_of);

}  // namespace
}  // namespace tidemark
