#include <limits>

#include "base/base64.hpp"
#include "hrana/json_parts.hpp"
#include "hrana/limits.hpp"

namespace tidemark::hrana::json {
namespace {

enum class ValueType { null, integer, real, text, blob };

ValueType value_type(JsonReader& json, std::string_view type) {
    if (type == "text") return ValueType::text;
    if (type == "integer") return ValueType::integer;
    if (type == "null") return ValueType::null;
    if (type == "float") return ValueType::real;
    if (type == "blob") return ValueType::blob;
    json.fail("a type of value (null, integer, float, text or blob)");
}

Value read_value(JsonReader& json) {
    ValueType type = ValueType::null;
    std::optional<Value> value;
    json.tagged([&](std::string_view name) { type = value_type(json, name); },
                [&](std::string_view key) {
                    if (key == "value" && type == ValueType::integer) {
                        value = json.integer<std::int64_t>();
                    } else if (key == "value" && type == ValueType::real) {
                        value =
                            json.null() ? std::numeric_limits<double>::quiet_NaN() : json.real();
                    } else if (key == "value" && type == ValueType::text) {
                        value.emplace(std::in_place_type<std::string>, json.string());
                    } else if (key == "base64" && type == ValueType::blob) {
                        auto bytes = from_base64(json.string());
                        if (!bytes) json.fail("base64");
                        value = Blob{std::move(*bytes)};
                    } else {
                        json.skip();
                    }
                });
    if (type == ValueType::null) return {};
    return required(json, std::move(value), type == ValueType::blob ? "base64" : "value");
}

Row read_row(JsonReader& json) {
    Row row;
    json.array([&] { row.push_back(read_value(json)); });
    return row;
}

NamedArg read_named_arg(JsonReader& json) {
    std::optional<std::string> name;
    std::optional<Value> value;
    json.object([&](std::string_view key) {
        if (key == "name") {
            name = json.string();
        } else if (key == "value") {
            value = read_value(json);
        } else {
            json.skip();
        }
    });
    return {required(json, std::move(name), "name"), required(json, std::move(value), "value")};
}

Cond::Kind cond_kind(JsonReader& json, std::string_view type) {
    if (type == "ok") return Cond::Kind::ok;
    if (type == "error") return Cond::Kind::error;
    if (type == "not") return Cond::Kind::negation;
    if (type == "and") return Cond::Kind::all;
    if (type == "or") return Cond::Kind::any;
    if (type == "is_autocommit") return Cond::Kind::is_autocommit;
    json.fail("a type of condition (ok, error, not, and, or or is_autocommit)");
}

/// The condition of a step, which may refer to the `earlier` steps before it.
Cond read_cond(JsonReader& json, std::size_t earlier, int depth) {
    using Kind = Cond::Kind;
    if (depth > max_condition_depth) json.fail("a condition that nests less deeply");
    Cond cond;
    bool whole = false;
    json.tagged(
        [&](std::string_view type) {
            cond.kind = cond_kind(json, type);
            whole = cond.kind == Kind::is_autocommit;
        },
        [&](std::string_view key) {
            if (key == "step" && (cond.kind == Kind::ok || cond.kind == Kind::error)) {
                cond.step = json.integer<std::uint32_t>();
                if (cond.step >= earlier) json.fail("the number of an earlier step");
            } else if (key == "cond" && cond.kind == Kind::negation) {
                cond.conds.clear();
                cond.conds.push_back(read_cond(json, earlier, depth + 1));
            } else if (key == "conds" && (cond.kind == Kind::all || cond.kind == Kind::any)) {
                cond.conds.clear();
                json.array([&] { cond.conds.push_back(read_cond(json, earlier, depth + 1)); });
            } else {
                return json.skip();
            }
            whole = true;
        });
    if (!whole) json.fail("what the condition is about before here");
    return cond;
}

BatchStep read_step(JsonReader& json, std::size_t earlier) {
    std::optional<Cond> condition;
    std::optional<Stmt> stmt;
    json.object([&](std::string_view key) {
        if (key == "stmt") {
            stmt = read_stmt(json);
        } else if (key == "condition" && !json.null()) {
            condition = read_cond(json, earlier, 1);
        } else if (key != "condition") {
            json.skip();
        }
    });
    return {std::move(condition), required(json, std::move(stmt), "stmt")};
}

Col read_col(JsonReader& json) {
    Col col;
    json.object([&](std::string_view key) {
        if (key == "name") {
            col.name = read_optional_text(json);
        } else if (key == "decltype") {
            col.decltype_name = read_optional_text(json);
        } else {
            json.skip();
        }
    });
    return col;
}

std::vector<Col> read_cols(JsonReader& json) {
    std::vector<Col> cols;
    json.array([&] { cols.push_back(read_col(json)); });
    return cols;
}

std::optional<std::int64_t> read_optional_rowid(JsonReader& json) {
    if (json.null()) return std::nullopt;
    return json.integer<std::int64_t>();
}

std::optional<std::string> read_param(JsonReader& json) {
    std::optional<std::string> name;
    json.object([&](std::string_view key) {
        if (key == "name") {
            name = read_optional_text(json);
        } else {
            json.skip();
        }
    });
    return name;
}

/// The alternatives of CursorEntry; an entry is made by its type before its members are known.
CursorEntry entry_of(JsonReader& json, std::string_view type) {
    if (type == "row") return CursorRow{};
    if (type == "step_begin") return StepBegin{};
    if (type == "step_end") return StepEnd{};
    if (type == "step_error") return StepError{};
    if (type == "error") return ProtocolError{};
    if (type == "replication_index") return CursorDone{};
    json.fail("a type of cursor entry");
}

bool read_member(JsonReader& json, std::string_view key, CursorRow& row) {
    if (key != "row") return false;
    row.values = read_row(json);
    return true;
}

bool read_member(JsonReader& json, std::string_view key, StepBegin& begin) {
    if (key == "step") {
        begin.step = json.integer<std::uint32_t>();
    } else if (key == "cols") {
        begin.cols = read_cols(json);
    } else {
        return false;
    }
    return true;
}

bool read_member(JsonReader& json, std::string_view key, StepEnd& end) {
    if (key == "affected_row_count") {
        end.affected_row_count = json.integer<std::uint64_t>();
    } else if (key == "last_insert_rowid") {
        end.last_insert_rowid = read_optional_rowid(json);
    } else {
        return false;
    }
    return true;
}

bool read_member(JsonReader& json, std::string_view key, StepError& failure) {
    if (key == "step") {
        failure.step = json.integer<std::uint32_t>();
    } else if (key == "error") {
        failure.error = read_protocol_error(json);
    } else {
        return false;
    }
    return true;
}

bool read_member(JsonReader& json, std::string_view key, ProtocolError& error) {
    if (key != "error") return false;
    error = read_protocol_error(json);
    return true;
}

bool read_member(JsonReader&, std::string_view, CursorDone&) { return false; }

}  // namespace

std::optional<std::string> read_optional_text(JsonReader& json) {
    if (json.null()) return std::nullopt;
    return std::string(json.string());
}

bool read_sql_member(JsonReader& json, std::string_view key, SqlRef& sql) {
    if (key == "sql") {
        sql.sql = read_optional_text(json);
    } else if (key == "sql_id") {
        sql.sql_id.reset();
        if (!json.null()) sql.sql_id = json.integer<std::int32_t>();
    } else {
        return false;
    }
    return true;
}

Stmt read_stmt(JsonReader& json) {
    Stmt stmt;
    json.object([&](std::string_view key) {
        if (read_sql_member(json, key, stmt.sql)) return;
        if (key == "args") {
            if (!json.null()) stmt.args = read_row(json);
        } else if (key == "named_args") {
            if (json.null()) return;
            json.array([&] { stmt.named_args.push_back(read_named_arg(json)); });
        } else if (key == "want_rows") {
            stmt.want_rows = json.null() || json.boolean();
        } else {
            json.skip();
        }
    });
    return stmt;
}

Batch read_batch(JsonReader& json) {
    std::optional<std::vector<BatchStep>> steps;
    json.object([&](std::string_view key) {
        if (key != "steps") return json.skip();
        steps.emplace();
        json.array([&] { steps->push_back(read_step(json, steps->size())); });
    });
    return {required(json, std::move(steps), "steps")};
}

ProtocolError read_protocol_error(JsonReader& json) {
    ProtocolError error;
    const auto text = [&] { return read_optional_text(json).value_or(""); };
    json.object([&](std::string_view key) {
        if (key == "message") {
            error.message = text();
        } else if (key == "code") {
            error.code = text();
        } else if (key == "extended_code") {
            error.extended_code = text();
        } else {
            json.skip();
        }
    });
    return error;
}

StmtResult read_stmt_result(JsonReader& json) {
    StmtResult result;
    json.object([&](std::string_view key) {
        if (key == "cols") {
            result.cols = read_cols(json);
        } else if (key == "rows") {
            json.array([&] { result.rows.push_back(read_row(json)); });
        } else if (key == "affected_row_count") {
            result.affected_row_count = json.integer<std::uint64_t>();
        } else if (key == "last_insert_rowid") {
            result.last_insert_rowid = read_optional_rowid(json);
        } else if (json.peek() == JsonReader::Kind::null) {
            json.skip();
        } else if (key == "rows_read") {
            result.rows_read = json.integer<std::uint64_t>();
        } else if (key == "rows_written") {
            result.rows_written = json.integer<std::uint64_t>();
        } else if (key == "query_duration_ms") {
            result.query_duration_ms = json.real();
        } else {
            json.skip();
        }
    });
    return result;
}

BatchResult read_batch_result(JsonReader& json) {
    BatchResult result;
    json.object([&](std::string_view key) {
        if (key == "step_results") {
            json.array([&] {
                auto& step = result.step_results.emplace_back();
                if (!json.null()) step = read_stmt_result(json);
            });
        } else if (key == "step_errors") {
            json.array([&] {
                auto& step = result.step_errors.emplace_back();
                if (!json.null()) step = read_protocol_error(json);
            });
        } else {
            json.skip();
        }
    });
    if (result.step_results.size() != result.step_errors.size()) {
        json.fail("as many step_errors as step_results before here");
    }
    return result;
}

DescribeResult read_describe_result(JsonReader& json) {
    DescribeResult result;
    json.object([&](std::string_view key) {
        if (key == "params") {
            json.array([&] { result.params.push_back(read_param(json)); });
        } else if (key == "cols") {
            result.cols = read_cols(json);
        } else if (key == "is_explain") {
            result.is_explain = json.boolean();
        } else if (key == "is_readonly") {
            result.is_readonly = json.boolean();
        } else {
            json.skip();
        }
    });
    return result;
}

CursorEntry read_cursor_entry(JsonReader& json) {
    CursorEntry entry;
    json.tagged([&](std::string_view type) { entry = entry_of(json, type); },
                [&](std::string_view key) {
                    const bool known =
                        std::visit([&](auto& kind) { return read_member(json, key, kind); }, entry);
                    if (!known) json.skip();
                });
    return entry;
}

}  // namespace tidemark::hrana::json
