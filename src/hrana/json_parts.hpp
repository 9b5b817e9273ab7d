#pragma once

#include <string>

#include "hrana/json_reader.hpp"
#include "hrana/protocol.hpp"

/// The parts of a message that HTTP and WebSocket have in common, read from and written as JSON.
namespace tidemark::hrana::json {

Stmt read_stmt(JsonReader& json);
/// Throws Malformed also where a condition refers to a step that does not come before its own.
Batch read_batch(JsonReader& json);
ProtocolError read_protocol_error(JsonReader& json);
StmtResult read_stmt_result(JsonReader& json);
BatchResult read_batch_result(JsonReader& json);
DescribeResult read_describe_result(JsonReader& json);
CursorEntry read_cursor_entry(JsonReader& json);

/// Nothing where it is null.
std::optional<std::string> read_optional_text(JsonReader& json);
/// Reads the members `sql` and `sql_id`; false for any other.
bool read_sql_member(JsonReader& json, std::string_view key, SqlRef& sql);

/// What `value` holds; fails where the message had no member `name`.
template <typename T>
T required(JsonReader& json, std::optional<T>&& value, std::string_view name) {
    if (!value) json.fail("a member '" + std::string(name) + "' before here");
    return std::move(*value);
}

void append(std::string& out, const Value& value);
void append(std::string& out, const Stmt& stmt);
void append(std::string& out, const Batch& batch);
void append(std::string& out, const ProtocolError& error);
void append(std::string& out, const StmtResult& result);
void append(std::string& out, const BatchResult& result);
void append(std::string& out, const DescribeResult& result);
void append(std::string& out, const CursorEntry& entry);

void append_optional_text(std::string& out, const std::optional<std::string>& text);
/// The members `sql` and `sql_id` where they are given, each with a comma before it.
void append_sql_members(std::string& out, const SqlRef& sql);

/// Calls `append_one` for each of `items`, with commas between and brackets around.
template <typename Items, typename F>
void append_array(std::string& out, const Items& items, F&& append_one) {
    out += '[';
    bool first = true;
    for (const auto& item : items) {
        if (!first) out += ',';
        first = false;
        append_one(item);
    }
    out += ']';
}

}  // namespace tidemark::hrana::json
