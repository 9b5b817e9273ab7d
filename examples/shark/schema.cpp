#include "shark/schema.hpp"

namespace shark {
namespace {

constexpr int version = 1;

constexpr const char* tables = R"(
    CREATE TABLE IF NOT EXISTS epics(
        id INTEGER PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        title TEXT NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS features(
        id INTEGER PRIMARY KEY,
        epic_id INTEGER NOT NULL REFERENCES epics(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        title TEXT NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        UNIQUE(epic_id, number)
    );
    CREATE TABLE IF NOT EXISTS tasks(
        id INTEGER PRIMARY KEY,
        feature_id INTEGER NOT NULL REFERENCES features(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        title TEXT NOT NULL,
        description TEXT NOT NULL DEFAULT '',
        status TEXT NOT NULL DEFAULT 'todo'
            CHECK(status IN ('todo', 'in_progress', 'blocked', 'completed')),
        priority INTEGER NOT NULL DEFAULT 5 CHECK(priority BETWEEN 1 AND 10),
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        completed_at TEXT,
        UNIQUE(feature_id, number)
    );
    CREATE INDEX IF NOT EXISTS tasks_status ON tasks(status);
    CREATE VIEW IF NOT EXISTS numbered_tasks AS
        SELECT printf('T-E%02d-F%02d-%03d', epics.number, features.number, tasks.number) AS key,
            epics.number AS epic, features.number AS feature, tasks.*
        FROM tasks
            JOIN features ON features.id = tasks.feature_id
            JOIN epics ON epics.id = features.epic_id;
)";

}  // namespace

void initialize_schema(examples::Database& database) {
    if (database.query("PRAGMA user_version").at(0).integer("user_version") == version) return;
    examples::Transaction transaction(database);
    database.execute(tables);
    database.execute("PRAGMA user_version = " + std::to_string(version));
    transaction.commit();
}

}  // namespace shark
