#include "jdo/items.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "common/text.hpp"

namespace jdo {
namespace {

using examples::Record;
using examples::Value;
using tidemark::Error;
using tidemark::ErrorCode;

constexpr const char* tables = R"(
    CREATE TABLE IF NOT EXISTS goals(
        id TEXT PRIMARY KEY NOT NULL,
        title TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'open',
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS commitments(
        id TEXT PRIMARY KEY NOT NULL,
        goal_id TEXT REFERENCES goals(id) ON DELETE SET NULL,
        title TEXT NOT NULL,
        due TEXT,
        status TEXT NOT NULL DEFAULT 'open',
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS tasks(
        id TEXT PRIMARY KEY NOT NULL,
        commitment_id TEXT REFERENCES commitments(id) ON DELETE CASCADE,
        title TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'open',
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    );
)";

/// A person sees this much of a UUID, and may type less.
constexpr std::size_t least_digits = 4;

struct Columns {
    const char* table;
    const char* parent;  ///< NULL where there is none
    const char* due;
};

Columns columns(Kind kind) {
    switch (kind) {
        case Kind::goal: return {"goals", "NULL", "NULL"};
        case Kind::commitment: return {"commitments", "goal_id", "due"};
        case Kind::task: return {"tasks", "commitment_id", "NULL"};
    }
    return {};
}

std::string selection(Kind kind) {
    const Columns of = columns(kind);
    return fmt::format("SELECT id, title, {} AS parent, {} AS due, status, updated_at FROM {}",
                       of.parent, of.due, of.table);
}

Item item_of(const Record& row) {
    return {row.text("id"),  row.text("title"),  row.text("parent"),
            row.text("due"), row.text("status"), row.text("updated_at")};
}

void require_title(const std::string& title) {
    if (title.find_first_not_of(" \t") != std::string::npos) return;
    throw Error(ErrorCode::usage, "the title is empty", "Say what it is about.");
}

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

}  // namespace

const char* name(Kind kind) {
    switch (kind) {
        case Kind::goal: return "goal";
        case Kind::commitment: return "commitment";
        case Kind::task: return "task";
    }
    return "";
}

void initialize_schema(examples::Database& database) { database.execute(tables); }

Item Items::add(Kind kind, Item item) {
    require_title(item.title);
    if (!item.parent.empty()) {
        item.parent = find(kind == Kind::task ? Kind::commitment : Kind::goal, item.parent).id;
    }
    const std::string id = examples::new_uuid();
    const std::string now = examples::now_utc();
    examples::Transaction transaction(database_);
    database_.query(
        fmt::format("INSERT INTO {}(id, title, created_at, updated_at) VALUES (?, ?, ?, ?)",
                    columns(kind).table),
        {id, item.title, now, now});
    if (kind == Kind::task) {
        database_.query("UPDATE tasks SET commitment_id = ? WHERE id = ?",
                        {text_or_null(item.parent), id});
    }
    if (kind == Kind::commitment) {
        database_.query("UPDATE commitments SET goal_id = ?, due = ? WHERE id = ?",
                        {text_or_null(item.parent), text_or_null(item.due), id});
    }
    transaction.commit();
    return find(kind, id);
}

std::vector<Item> Items::list(Kind kind, bool with_done) {
    std::vector<Item> items;
    const auto rows = database_.query(
        selection(kind) + " WHERE ? OR status <> 'done' ORDER BY created_at, title, id",
        {std::int64_t{with_done}});
    for (const Record& row : rows) items.push_back(item_of(row));
    return items;
}

Item Items::find(Kind kind, const std::string& id) {
    const auto found =
        database_.query(selection(kind) + " WHERE substr(id, 1, length(?1)) = ?1", {id});
    if (id.size() < least_digits || found.empty()) {
        throw Error(ErrorCode::failed, fmt::format("there is no {} {}", name(kind), id),
                    fmt::format("'jdo {} list' shows what there is; {} digits of an ID are enough.",
                                name(kind), least_digits));
    }
    if (found.size() > 1) {
        throw Error(ErrorCode::failed,
                    fmt::format("{} {}s begin with {}", found.size(), name(kind), id),
                    "Give more digits.");
    }
    return item_of(found[0]);
}

Item Items::rename(Kind kind, const std::string& id, const std::string& title) {
    require_title(title);
    const std::string whole = find(kind, id).id;
    database_.query(
        fmt::format("UPDATE {} SET title = ?, updated_at = ? WHERE id = ?", columns(kind).table),
        {title, examples::now_utc(), whole});
    return find(kind, whole);
}

Item Items::finish(Kind kind, const std::string& id) {
    const std::string whole = find(kind, id).id;
    database_.query(fmt::format("UPDATE {} SET status = 'done', updated_at = ? WHERE id = ?",
                                columns(kind).table),
                    {examples::now_utc(), whole});
    return find(kind, whole);
}

void Items::remove(Kind kind, const std::string& id) {
    const std::string whole = find(kind, id).id;
    database_.query(fmt::format("DELETE FROM {} WHERE id = ?", columns(kind).table), {whole});
}

std::int64_t Items::count() {
    return database_
        .query(
            "SELECT (SELECT count(*) FROM goals) + (SELECT count(*) FROM commitments) + "
            "(SELECT count(*) FROM tasks) AS n")
        .at(0)
        .integer("n");
}

}  // namespace jdo
