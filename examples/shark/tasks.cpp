#include "shark/tasks.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "common/text.hpp"

namespace shark {
namespace {

using examples::Database;
using examples::now_utc;
using examples::Record;
using examples::Transaction;
using examples::Value;
using tidemark::Error;
using tidemark::ErrorCode;

void require_title(const std::string& title) {
    if (title.find_first_not_of(" \t\n") != std::string::npos) return;
    throw Error(ErrorCode::usage, "the title is empty", "Say what it is about.");
}

void require_priority(std::int64_t priority) {
    if (priority >= 1 && priority <= 10) return;
    throw Error(ErrorCode::usage, fmt::format("{} is no priority", priority),
                "Give a number from 1 to 10; 10 is the most urgent.");
}

void require_status(const std::string& status) {
    for (const char* known : {"todo", "in_progress", "blocked", "completed"}) {
        if (status == known) return;
    }
    throw Error(ErrorCode::usage, "there is no status " + status,
                "Give todo, in_progress, blocked or completed.");
}

[[noreturn]] void nothing(const char* what, const Key& key) {
    throw Error(ErrorCode::failed, fmt::format("there is no {} {}", what, key.text()),
                fmt::format("'shark {} list' shows what there is.", what));
}

std::int64_t epic_id(Database& database, std::int64_t number) {
    const auto found = database.query("SELECT id FROM epics WHERE number = ?", {number});
    if (found.empty()) nothing("epic", {number});
    return found[0].integer("id");
}

std::int64_t feature_id(Database& database, const Key& key) {
    const auto found = database.query(
        "SELECT features.id FROM features JOIN epics ON epics.id = epic_id "
        "WHERE epics.number = ? AND features.number = ?",
        {key.epic, key.feature});
    if (found.empty()) nothing("feature", {key.epic, key.feature});
    return found[0].integer("id");
}

Task task_of(const Record& row) {
    return {{row.integer("epic"), row.integer("feature"), row.integer("number")},
            row.text("title"),
            row.text("description"),
            row.text("status"),
            row.integer("priority"),
            row.text("created_at"),
            row.text("updated_at"),
            row.text("completed_at")};
}

void require_free(bool taken, const Key& key) {
    if (taken) throw Error(ErrorCode::failed, key.text() + " is there already");
}

}  // namespace

Epic Tasks::add_epic(const std::string& title, std::int64_t number) {
    require_title(title);
    Transaction transaction(database_);
    if (number == 0) {
        number = database_.query("SELECT ifnull(max(number), 0) + 1 AS next FROM epics")
                     .at(0)
                     .integer("next");
    }
    require_free(!database_.query("SELECT 1 FROM epics WHERE number = ?", {number}).empty(),
                 {number});
    database_.query("INSERT INTO epics(number, title, created_at, updated_at) VALUES (?, ?, ?, ?)",
                    {number, title, now_utc(), now_utc()});
    transaction.commit();
    return {{number}, title};
}

Feature Tasks::add_feature(std::int64_t epic, const std::string& title, std::int64_t number) {
    require_title(title);
    Transaction transaction(database_);
    const std::int64_t id = epic_id(database_, epic);
    if (number == 0) {
        number = database_
                     .query(
                         "SELECT ifnull(max(number), 0) + 1 AS next FROM features "
                         "WHERE epic_id = ?",
                         {id})
                     .at(0)
                     .integer("next");
    }
    const auto same =
        database_.query("SELECT 1 FROM features WHERE epic_id = ? AND number = ?", {id, number});
    require_free(!same.empty(), {epic, number});
    database_.query(
        "INSERT INTO features(epic_id, number, title, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?)",
        {id, number, title, now_utc(), now_utc()});
    transaction.commit();
    return {{epic, number}, title};
}

Task Tasks::add_task(const Key& feature, const std::string& title, const std::string& description,
                     std::int64_t priority) {
    require_title(title);
    require_priority(priority);
    Transaction transaction(database_);
    const std::int64_t id = feature_id(database_, feature);
    const std::int64_t number =
        database_
            .query("SELECT ifnull(max(number), 0) + 1 AS next FROM tasks WHERE feature_id = ?",
                   {id})
            .at(0)
            .integer("next");
    database_.query(
        "INSERT INTO tasks(feature_id, number, title, description, priority, created_at, "
        "updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {id, number, title, description, priority, now_utc(), now_utc()});
    transaction.commit();
    return task({feature.epic, feature.feature, number});
}

std::vector<Epic> Tasks::epics() {
    std::vector<Epic> out;
    for (const Record& row : database_.query("SELECT number, title FROM epics ORDER BY number")) {
        out.push_back({{row.integer("number")}, row.text("title")});
    }
    return out;
}

std::vector<Feature> Tasks::features(std::int64_t epic) {
    std::vector<Feature> out;
    const auto rows = database_.query(
        "SELECT epics.number AS epic, features.number AS number, features.title AS title "
        "FROM features JOIN epics ON epics.id = epic_id "
        "WHERE ?1 = 0 OR epics.number = ?1 ORDER BY epics.number, features.number",
        {epic});
    for (const Record& row : rows) {
        out.push_back({{row.integer("epic"), row.integer("number")}, row.text("title")});
    }
    return out;
}

std::vector<Task> Tasks::tasks(const TaskFilter& filter) {
    std::vector<Task> out;
    const auto rows = database_.query(
        "SELECT * FROM numbered_tasks "
        "WHERE (?1 = 0 OR epic = ?1) AND (?2 = 0 OR feature = ?2) AND (?3 = '' OR status = ?3) "
        "ORDER BY epic, feature, number",
        {filter.epic, filter.feature, filter.status});
    for (const Record& row : rows) out.push_back(task_of(row));
    return out;
}

Task Tasks::task(const Key& key) {
    const auto found = database_.query(
        "SELECT * FROM numbered_tasks WHERE epic = ? AND feature = ? AND number = ?",
        {key.epic, key.feature, key.task});
    if (found.empty()) nothing("task", key);
    return task_of(found[0]);
}

Task Tasks::update(const Key& key, const TaskChange& change) {
    if (change.title) require_title(*change.title);
    if (change.status) require_status(*change.status);
    if (change.priority) require_priority(*change.priority);
    Transaction transaction(database_);
    const std::int64_t id = feature_id(database_, key);
    const auto set = [&](const char* column, const Value& value) {
        database_.query(fmt::format("UPDATE tasks SET {} = ?, updated_at = ? "
                                    "WHERE feature_id = ? AND number = ?",
                                    column),
                        {value, now_utc(), id, key.task});
    };
    task(key);
    if (change.title) set("title", *change.title);
    if (change.description) set("description", *change.description);
    if (change.priority) set("priority", *change.priority);
    if (change.status) {
        set("status", *change.status);
        set("completed_at", *change.status == "completed" ? Value(now_utc()) : Value());
    }
    transaction.commit();
    return task(key);
}

Task Tasks::complete(const Key& key) {
    TaskChange change;
    change.status = "completed";
    return update(key, change);
}

}  // namespace shark
