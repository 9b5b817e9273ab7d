#include "hrana/protobuf_parts.hpp"

namespace tidemark::hrana::protobuf {
namespace {

struct AppendValue {
    MessageWriter& out;

    void operator()(std::monostate) const { append_empty(out, 1); }
    void operator()(std::int64_t value) const { out.add_sint64(2, value); }
    void operator()(double value) const { out.add_double(3, value); }
    void operator()(const std::string& text) const { append_text(out, 4, text); }
    void operator()(const Blob& blob) const { out.add_bytes(5, blob.bytes); }
};

void append(MessageWriter& out, const Value& value) { std::visit(AppendValue{out}, value); }

void append(MessageWriter& out, const Row& row) {
    for (const Value& value : row) {
        MessageWriter inner(out, 1);
        append(inner, value);
    }
}

void append(MessageWriter& out, const NamedArg& arg) {
    append_text(out, 1, arg.name);
    MessageWriter value(out, 2);
    append(value, arg.value);
}

void append(MessageWriter& out, const Col& col) {
    if (col.name) append_text(out, 1, *col.name);
    if (col.decltype_name) append_text(out, 2, *col.decltype_name);
}

void append(MessageWriter& out, const Cond& cond) {
    const auto list = [&](std::uint32_t number) {
        MessageWriter inner(out, number);
        for (const Cond& each : cond.conds) {
            MessageWriter one(inner, 1);
            append(one, each);
        }
    };
    switch (cond.kind) {
        case Cond::Kind::ok: out.add_uint32(1, cond.step); break;
        case Cond::Kind::error: out.add_uint32(2, cond.step); break;
        case Cond::Kind::negation: {
            MessageWriter inner(out, 3);
            append(inner, cond.conds.at(0));
            break;
        }
        case Cond::Kind::all: list(4); break;
        case Cond::Kind::any: list(5); break;
        case Cond::Kind::is_autocommit: append_empty(out, 6); break;
    }
}

void append(MessageWriter& out, const BatchStep& step) {
    if (step.condition) {
        MessageWriter condition(out, 1);
        append(condition, *step.condition);
    }
    MessageWriter stmt(out, 2);
    protobuf::append(stmt, step.stmt);
}

template <typename Items>
void append_each(MessageWriter& out, std::uint32_t number, const Items& items) {
    for (const auto& item : items) {
        MessageWriter inner(out, number);
        append(inner, item);
    }
}

/// A map from step to what it has, where it has something.
template <typename T>
void append_map(MessageWriter& out, std::uint32_t number,
                const std::vector<std::optional<T>>& steps) {
    for (std::size_t step = 0; step < steps.size(); ++step) {
        if (!steps[step]) continue;
        MessageWriter entry(out, number);
        entry.add_uint32(1, static_cast<std::uint32_t>(step));
        MessageWriter value(entry, 2);
        protobuf::append(value, *steps[step]);
    }
}

struct AppendEntry {
    MessageWriter& out;

    void operator()(const StepBegin& begin) const {
        MessageWriter inner(out, 1);
        if (begin.step != 0) inner.add_uint32(1, begin.step);
        append_each(inner, 2, begin.cols);
    }
    void operator()(const StepEnd& end) const {
        MessageWriter inner(out, 2);
        if (end.affected_row_count != 0) inner.add_uint64(1, end.affected_row_count);
        if (end.last_insert_rowid) inner.add_sint64(2, *end.last_insert_rowid);
    }
    void operator()(const StepError& failure) const {
        MessageWriter inner(out, 3);
        if (failure.step != 0) inner.add_uint32(1, failure.step);
        append_message(inner, 2, failure.error);
    }
    void operator()(const CursorRow& row) const {
        MessageWriter inner(out, 4);
        append(inner, row.values);
    }
    void operator()(const ProtocolError& error) const { append_message(out, 5, error); }
    void operator()(const CursorDone&) const { out.add_uint64(6, 0); }
};

}  // namespace

void append_sql(MessageWriter& out, std::uint32_t sql_number, const SqlRef& sql) {
    if (sql.sql) append_text(out, sql_number, *sql.sql);
    if (sql.sql_id) out.add_int32(sql_number + 1, *sql.sql_id);
}

void append(MessageWriter& out, const Stmt& stmt) {
    append_sql(out, 1, stmt.sql);
    append_each(out, 3, stmt.args);
    append_each(out, 4, stmt.named_args);
    out.add_bool(5, stmt.want_rows);
}

void append(MessageWriter& out, const Batch& batch) { append_each(out, 1, batch.steps); }

void append(MessageWriter& out, const ProtocolError& error) {
    append_text(out, 1, error.message);
    if (!error.code.empty()) append_text(out, 2, error.code);
}

void append(MessageWriter& out, const StmtResult& result) {
    append_each(out, 1, result.cols);
    append_each(out, 2, result.rows);
    if (result.affected_row_count != 0) out.add_uint64(3, result.affected_row_count);
    if (result.last_insert_rowid) out.add_sint64(4, *result.last_insert_rowid);
    if (result.rows_read != 0) out.add_uint64(6, result.rows_read);
    if (result.rows_written != 0) out.add_uint64(7, result.rows_written);
    if (result.query_duration_ms != 0) out.add_double(8, result.query_duration_ms);
}

void append(MessageWriter& out, const BatchResult& result) {
    append_map(out, 1, result.step_results);
    append_map(out, 2, result.step_errors);
}

void append(MessageWriter& out, const DescribeResult& result) {
    for (const auto& name : result.params) {
        MessageWriter param(out, 1);
        if (name) append_text(param, 1, *name);
    }
    append_each(out, 2, result.cols);
    if (result.is_explain) out.add_bool(3, true);
    if (result.is_readonly) out.add_bool(4, true);
}

void append(MessageWriter& out, const CursorEntry& entry) { std::visit(AppendEntry{out}, entry); }

void append(MessageWriter& out, const GetAutocommitResp& response) {
    if (response.is_autocommit) out.add_bool(1, true);
}

}  // namespace tidemark::hrana::protobuf
