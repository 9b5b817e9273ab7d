// The Shark task manager on two workstations: integer keys from AUTOINCREMENT, business keys made
// by MAX() + 1 under UNIQUE, triggers that set updated_at, cascades, partial indexes, and
// foreign-key violations from before it was ever synced.

#include "support/story.hpp"

namespace tidemark {
namespace {

class Shark : public Story {
protected:
    void two_workstations();
    std::vector<std::string> reasons(const std::string& file) {
        std::vector<std::string> out;
        for (const Conflict& conflict : conflicts(file)) out.push_back(conflict.reason);
        return out;
    }
};

// The database of a task manager: numbers by AUTOINCREMENT, keys by MAX()+1 under UNIQUE, triggers
// that keep updated_at, cascades, partial indexes, and references that were broken long before.
constexpr const char* manager = R"(
    CREATE TABLE epics(
        id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE features(
        id INTEGER PRIMARY KEY AUTOINCREMENT, epic_id INTEGER NOT NULL, key TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        FOREIGN KEY (epic_id) REFERENCES epics(id) ON DELETE CASCADE);
    CREATE TABLE tasks(
        id INTEGER PRIMARY KEY AUTOINCREMENT, feature_id INTEGER NOT NULL, key TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('todo', 'in_progress', 'blocked', 'completed')),
        priority INTEGER DEFAULT 5 CHECK (priority BETWEEN 1 AND 10), slug TEXT,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        FOREIGN KEY (feature_id) REFERENCES features(id) ON DELETE CASCADE);
    CREATE TABLE task_history(
        id INTEGER PRIMARY KEY AUTOINCREMENT, task_id INTEGER NOT NULL, new_status TEXT NOT NULL,
        notes TEXT, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        FOREIGN KEY (task_id) REFERENCES tasks(id) ON DELETE CASCADE);
    CREATE TABLE documents(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, file_path TEXT,
        UNIQUE(title, file_path));
    CREATE TABLE task_documents(
        task_id INTEGER NOT NULL, document_id INTEGER NOT NULL, PRIMARY KEY (task_id, document_id),
        FOREIGN KEY (task_id) REFERENCES tasks(id) ON DELETE CASCADE,
        FOREIGN KEY (document_id) REFERENCES documents(id) ON DELETE CASCADE);
    CREATE INDEX tasks_blocked ON tasks(feature_id) WHERE status = 'blocked';
    CREATE UNIQUE INDEX tasks_slug ON tasks(slug) WHERE slug IS NOT NULL;
    CREATE TRIGGER epics_updated_at AFTER UPDATE ON epics BEGIN
        UPDATE epics SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id; END;
    CREATE TRIGGER features_updated_at AFTER UPDATE ON features BEGIN
        UPDATE features SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id; END;
    CREATE TRIGGER tasks_updated_at AFTER UPDATE ON tasks BEGIN
        UPDATE tasks SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id; END;
    INSERT INTO epics(key, title) VALUES ('E01', 'Cloud');
    INSERT INTO features(epic_id, key, title) VALUES (1, 'E01-F01', 'Sync');
    INSERT INTO documents(title, file_path) VALUES ('Design', 'docs/design.md');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
        INSERT INTO tasks(feature_id, key, title, status)
        SELECT 1, printf('T-E01-F01-%03d', i), 'old', 'todo' FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
        INSERT INTO task_history(task_id, new_status, notes) SELECT 9000 + i, 'todo', 'orphan' FROM n)";

/// Fifty times what the task manager does for a new task, and then some work on it.
std::string fifty_tasks(const std::string& who) {
    std::string sql;
    for (int i = 1; i <= 50; ++i) {
        const std::string title = "'" + who + " " + std::to_string(i) + "'";
        sql +=
            "INSERT INTO tasks(feature_id, key, title, status, slug) SELECT 1, "
            "printf('T-E01-F01-%03d', max(CAST(substr(key, -3) AS INTEGER)) + 1), " +
            title + ", 'todo', " + title +
            " FROM tasks WHERE feature_id = 1;"
            "INSERT INTO task_history(task_id, new_status, notes) SELECT max(id), 'todo', " +
            title +
            " FROM tasks;"
            "INSERT INTO documents(title, file_path) VALUES (" +
            title +
            ", 'x');"
            "INSERT INTO task_documents SELECT (SELECT max(id) FROM tasks), max(id) FROM documents;"
            "INSERT INTO task_documents SELECT max(id), 1 FROM tasks;"
            "UPDATE tasks SET status = 'in_progress' WHERE title = " +
            title +
            ";"
            "INSERT INTO task_history(task_id, new_status, notes) SELECT max(id), 'in_progress', " +
            title + " FROM tasks;";
    }
    return sql;
}

void Shark::two_workstations() {
    const std::vector<ColumnName> numbers = {
        {"tasks", "key"}, {"features", "key"}, {"epics", "key"}};
    make("a.db", manager);
    AttachOptions options;
    options.renumbered = numbers;
    attach("a.db", options);
    CloneOptions same;
    same.device = "b.db";
    same.renumbered = numbers;
    Replica::clone(location("primary.db"), path("b.db"), same);
}

TEST_F(Shark, TwoDevicesMakeFiftyTasksEachOfflineAndAllHundredAreOnBothWithTheirOwnChildren) {
    two_workstations();
    edit("a.db", fifty_tasks("a"));
    edit("b.db", fifty_tasks("b"));
    for (const char* file : {"a.db", "b.db", "a.db", "b.db"}) sync(file);
    expect_same("a.db", "primary.db");
    expect_same("b.db", "primary.db");
    for (const char* file : {"a.db", "b.db", "primary.db"}) {
        SCOPED_TRACE(file);
        EXPECT_EQ(ask(file,
                      "SELECT count(*), count(DISTINCT key), min(key), max(key) FROM tasks "
                      "WHERE title <> 'old'"),
                  Dump{"100, 100, 'T-E01-F01-011', 'T-E01-F01-110'"});
        EXPECT_EQ(ask(file,
                      "SELECT count(*) FROM tasks t JOIN task_history h ON h.task_id = t.id "
                      "WHERE h.notes = t.title AND t.status = 'in_progress'"),
                  Dump{"200"});
        EXPECT_EQ(ask(file,
                      "SELECT count(*), count(DISTINCT t.id) FROM tasks t JOIN task_documents td "
                      "ON td.task_id = t.id JOIN documents d ON d.id = td.document_id "
                      "WHERE d.title = t.title"),
                  Dump{"100, 100"});
        EXPECT_EQ(ask(file, "SELECT count(*) FROM task_documents WHERE document_id = 1"),
                  Dump{"100"});
        EXPECT_EQ(ask(file, "SELECT count(*) FROM task_history"), Dump{"260"});
        EXPECT_EQ(ask(file, "SELECT count(*) FROM pragma_foreign_key_check"), Dump{"60"});
        EXPECT_EQ(
            ask(file, "SELECT min(task_id), max(task_id) FROM task_history WHERE notes = 'orphan'"),
            Dump{"9001, 9060"});
        EXPECT_EQ(ask(file, "PRAGMA integrity_check"), Dump{"'ok'"});
    }
    EXPECT_EQ(ask("a.db", "SELECT key FROM tasks WHERE title IN ('a 1', 'b 1', 'b 50') ORDER BY 1"),
              (Dump{"'T-E01-F01-011'", "'T-E01-F01-061'", "'T-E01-F01-110'"}));
    std::int64_t renumbered = 0;
    for (const std::string& reason : reasons("b.db")) {
        EXPECT_TRUE(reason.starts_with("renumbered")) << reason;
        if (reason.starts_with("renumbered from T-E01-F01-")) ++renumbered;
    }
    EXPECT_EQ(renumbered, 50);
    EXPECT_TRUE(conflicts("a.db").empty());
    EXPECT_TRUE(Replica::open(path("b.db")).verify().equal());
    EXPECT_EQ(sync("a.db").pushed + sync("b.db").pushed, 0);
}

TEST_F(Shark, ATaskDeletedOnOneWorkstationTakesItsHistoryAndNotWhatTheOtherAdded) {
    two_workstations();
    edit("a.db", fifty_tasks("a"));
    sync("a.db");
    sync("b.db");
    edit("a.db", "DELETE FROM tasks WHERE title IN ('a 1', 'a 2')");
    edit("b.db",
         "INSERT INTO task_history(task_id, new_status, notes) SELECT id, 'completed', 'of b' "
         "FROM tasks WHERE title = 'a 2'; UPDATE tasks SET status = 'completed' WHERE title = 'a "
         "3'");
    for (const char* file : {"a.db", "b.db", "a.db", "b.db"}) sync(file);
    expect_same("a.db", "primary.db");
    expect_same("b.db", "primary.db");
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM task_history WHERE notes = 'a 1'"), Dump{"0"});
    EXPECT_EQ(ask("a.db",
                  "SELECT h.notes FROM tasks t JOIN task_history h ON h.task_id = t.id "
                  "WHERE t.title = 'a 2' AND h.new_status = 'completed'"),
              Dump{"'of b'"});
    EXPECT_EQ(ask("a.db", "SELECT status FROM tasks WHERE title = 'a 3'"), Dump{"'completed'"});
    EXPECT_EQ(ask("a.db", "SELECT count(*) FROM pragma_foreign_key_check"), Dump{"60"});
}

TEST_F(Shark, UpdatedAtIsSetWhereTheEditWasMadeAndNotAgainWhereItArrives) {
    two_workstations();
    edit("a.db", "UPDATE tasks SET priority = 1 WHERE id = 1");
    edit("a.db",
         "DROP TRIGGER tasks_updated_at; UPDATE tasks SET updated_at = '2001-02-03' "
         "WHERE id = 1; CREATE TRIGGER tasks_updated_at AFTER UPDATE ON tasks BEGIN "
         "UPDATE tasks SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id; END");
    sync("a.db");
    sync("b.db");
    EXPECT_EQ(ask("b.db", "SELECT priority, updated_at FROM tasks WHERE id = 1"),
              Dump{"1, '2001-02-03'"});
    EXPECT_EQ(sync("b.db").pushed, 0);
}

}  // namespace
}  // namespace tidemark
