#include "hrana/limits.hpp"
#include "hrana/protobuf.hpp"
#include "hrana/protobuf_parts.hpp"

namespace tidemark::hrana::protobuf {
namespace {

/// A step's number in an answer makes room for all before it. No batch is as long as this.
constexpr std::uint32_t max_steps = 1'000'000;

Value read_value(std::string_view message) {
    std::optional<Value> value;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1:
                field.skip();
                value.emplace();
                break;
            case 2: value = field.sint64(); break;
            case 3: value = field.real(); break;
            case 4: value = field.text(); break;
            case 5: value = Blob{std::string(field.bytes())}; break;
            default: field.skip();
        }
    });
    if (!value) throw Malformed("malformed message: a value is empty");
    return std::move(*value);
}

NamedArg read_named_arg(std::string_view message) {
    NamedArg arg;
    bool whole = false;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: arg.name = field.text(); break;
            case 2:
                arg.value = read_value(field.bytes());
                whole = true;
                break;
            default: field.skip();
        }
    });
    if (!whole) throw Malformed("malformed message: a named argument has no value");
    return arg;
}

Cond read_cond(std::string_view message, std::size_t earlier, int depth) {
    using Kind = Cond::Kind;
    if (depth > max_condition_depth) {
        throw Malformed("malformed message: a condition nests more than " +
                        std::to_string(max_condition_depth) + " levels deep");
    }
    std::optional<Cond> cond;
    const auto step = [&](Field& field, Kind kind) {
        cond = Cond{kind, field.uint32(), {}};
        if (cond->step >= earlier) {
            throw Malformed("malformed message: a condition refers to a step that is not earlier");
        }
    };
    const auto list = [&](Field& field, Kind kind) {
        cond = Cond{kind, 0, {}};
        fields(field.bytes(), [&](Field& inner) {
            if (inner.number() != 1) return inner.skip();
            cond->conds.push_back(read_cond(inner.bytes(), earlier, depth + 1));
        });
    };
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: step(field, Kind::ok); break;
            case 2: step(field, Kind::error); break;
            case 3:
                cond = Cond{Kind::negation, 0, {read_cond(field.bytes(), earlier, depth + 1)}};
                break;
            case 4: list(field, Kind::all); break;
            case 5: list(field, Kind::any); break;
            case 6:
                field.skip();
                cond = Cond{Kind::is_autocommit, 0, {}};
                break;
            default: field.skip();
        }
    });
    if (!cond) throw Malformed("malformed message: a condition is empty");
    return std::move(*cond);
}

BatchStep read_step(std::string_view message, std::size_t earlier) {
    BatchStep step;
    bool whole = false;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: step.condition = read_cond(field.bytes(), earlier, 1); break;
            case 2:
                step.stmt = read_stmt(field.bytes());
                whole = true;
                break;
            default: field.skip();
        }
    });
    if (!whole) throw Malformed("malformed message: a step has no statement");
    return step;
}

Col read_col(std::string_view message) {
    Col col;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: col.name = field.text(); break;
            case 2: col.decltype_name = field.text(); break;
            default: field.skip();
        }
    });
    return col;
}

Row read_row(std::string_view message) {
    Row row;
    fields(message, [&](Field& field) {
        if (field.number() != 1) return field.skip();
        row.push_back(read_value(field.bytes()));
    });
    return row;
}

StepBegin read_step_begin(std::string_view message) {
    StepBegin begin;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: begin.step = field.uint32(); break;
            case 2: begin.cols.push_back(read_col(field.bytes())); break;
            default: field.skip();
        }
    });
    return begin;
}

StepEnd read_step_end(std::string_view message) {
    StepEnd end;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: end.affected_row_count = field.uint64(); break;
            case 2: end.last_insert_rowid = field.sint64(); break;
            default: field.skip();
        }
    });
    return end;
}

StepError read_step_error(std::string_view message) {
    StepError failure;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: failure.step = field.uint32(); break;
            case 2: failure.error = read_protocol_error(field.bytes()); break;
            default: field.skip();
        }
    });
    return failure;
}

/// An entry of a map from step to `T`, put where it belongs.
template <typename T>
void read_map_entry(std::string_view message, std::vector<std::optional<T>>& steps,
                    T (*read)(std::string_view)) {
    std::uint32_t step = 0;
    std::string_view value;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: step = field.uint32(); break;
            case 2: value = field.bytes(); break;
            default: field.skip();
        }
    });
    if (step >= max_steps) throw Malformed("malformed message: there is no such step");
    if (step >= steps.size()) steps.resize(step + 1);
    steps[step] = read(value);
}

}  // namespace

bool read_sql_field(Field& field, std::uint32_t sql_number, SqlRef& sql) {
    if (field.number() == sql_number) {
        sql.sql = field.text();
    } else if (field.number() == sql_number + 1) {
        sql.sql_id = field.int32();
    } else {
        return false;
    }
    return true;
}

Stmt read_stmt(std::string_view message) {
    Stmt stmt;
    fields(message, [&](Field& field) {
        if (read_sql_field(field, 1, stmt.sql)) return;
        switch (field.number()) {
            case 3: stmt.args.push_back(read_value(field.bytes())); break;
            case 4: stmt.named_args.push_back(read_named_arg(field.bytes())); break;
            case 5: stmt.want_rows = field.boolean(); break;
            default: field.skip();
        }
    });
    return stmt;
}

Batch read_batch(std::string_view message) {
    Batch batch;
    fields(message, [&](Field& field) {
        if (field.number() != 1) return field.skip();
        batch.steps.push_back(read_step(field.bytes(), batch.steps.size()));
    });
    return batch;
}

ProtocolError read_protocol_error(std::string_view message) {
    ProtocolError error;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: error.message = field.text(); break;
            case 2: error.code = field.text(); break;
            default: field.skip();
        }
    });
    return error;
}

StmtResult read_stmt_result(std::string_view message) {
    StmtResult result;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: result.cols.push_back(read_col(field.bytes())); break;
            case 2: result.rows.push_back(read_row(field.bytes())); break;
            case 3: result.affected_row_count = field.uint64(); break;
            case 4: result.last_insert_rowid = field.sint64(); break;
            case 6: result.rows_read = field.uint64(); break;
            case 7: result.rows_written = field.uint64(); break;
            case 8: result.query_duration_ms = field.real(); break;
            default: field.skip();
        }
    });
    return result;
}

BatchResult read_batch_result(std::string_view message) {
    BatchResult result;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: read_map_entry(field.bytes(), result.step_results, read_stmt_result); break;
            case 2: read_map_entry(field.bytes(), result.step_errors, read_protocol_error); break;
            default: field.skip();
        }
    });
    const std::size_t size = std::max(result.step_results.size(), result.step_errors.size());
    result.step_results.resize(size);
    result.step_errors.resize(size);
    return result;
}

DescribeResult read_describe_result(std::string_view message) {
    DescribeResult result;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: result.params.push_back(read_col(field.bytes()).name); break;
            case 2: result.cols.push_back(read_col(field.bytes())); break;
            case 3: result.is_explain = field.boolean(); break;
            case 4: result.is_readonly = field.boolean(); break;
            default: field.skip();
        }
    });
    return result;
}

GetAutocommitResp read_autocommit(std::string_view message) {
    GetAutocommitResp response{false};
    fields(message, [&](Field& field) {
        if (field.number() != 1) return field.skip();
        response.is_autocommit = field.boolean();
    });
    return response;
}

CursorEntry read_cursor_entry(std::string_view message) {
    std::optional<CursorEntry> entry;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: entry = read_step_begin(field.bytes()); break;
            case 2: entry = read_step_end(field.bytes()); break;
            case 3: entry = read_step_error(field.bytes()); break;
            case 4: entry = CursorRow{read_row(field.bytes())}; break;
            case 5: entry = read_protocol_error(field.bytes()); break;
            case 6:
                field.skip();
                entry = CursorDone{};
                break;
            default: field.skip();
        }
    });
    if (!entry) throw Malformed("malformed message: a cursor entry is empty");
    return std::move(*entry);
}

}  // namespace tidemark::hrana::protobuf
