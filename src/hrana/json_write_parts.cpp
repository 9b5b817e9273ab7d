#include "base/base64.hpp"
#include "hrana/json_parts.hpp"
#include "hrana/json_text.hpp"

namespace tidemark::hrana::json {
namespace {

void append_row(std::string& out, const Row& row) {
    append_array(out, row, [&](const Value& value) { append(out, value); });
}

void append_cols(std::string& out, const std::vector<Col>& cols) {
    append_array(out, cols, [&](const Col& col) {
        out += R"({"name":)";
        append_optional_text(out, col.name);
        out += R"(,"decltype":)";
        append_optional_text(out, col.decltype_name);
        out += '}';
    });
}

void append_bool(std::string& out, bool value) { out += value ? "true" : "false"; }

void append_cond(std::string& out, const Cond& cond) {
    const auto step = [&](std::string_view type) {
        ((out += R"({"type":")") += type) += R"(","step":)";
        append_integer(out, cond.step);
        out += '}';
    };
    const auto list = [&](std::string_view type) {
        ((out += R"({"type":")") += type) += R"(","conds":)";
        append_array(out, cond.conds, [&](const Cond& each) { append_cond(out, each); });
        out += '}';
    };
    switch (cond.kind) {
        case Cond::Kind::ok: step("ok"); break;
        case Cond::Kind::error: step("error"); break;
        case Cond::Kind::negation:
            out += R"({"type":"not","cond":)";
            append_cond(out, cond.conds.at(0));
            out += '}';
            break;
        case Cond::Kind::all: list("and"); break;
        case Cond::Kind::any: list("or"); break;
        case Cond::Kind::is_autocommit: out += R"({"type":"is_autocommit"})"; break;
    }
}

struct AppendValue {
    std::string& out;

    void operator()(std::monostate) const { out += R"({"type":"null"})"; }
    void operator()(std::int64_t value) const {
        out += R"({"type":"integer","value":")";
        append_integer(out, value);
        out += R"("})";
    }
    void operator()(double value) const {
        out += R"({"type":"float","value":)";
        append_real(out, value);
        out += '}';
    }
    void operator()(const std::string& text) const {
        out += R"({"type":"text","value":)";
        append_string(out, text);
        out += '}';
    }
    void operator()(const Blob& blob) const {
        out += R"({"type":"blob","base64":")";
        append_base64(out, blob.bytes);
        out += R"("})";
    }
};

struct AppendEntry {
    std::string& out;

    void operator()(const StepBegin& begin) const {
        out += R"({"type":"step_begin","step":)";
        append_integer(out, begin.step);
        out += R"(,"cols":)";
        append_cols(out, begin.cols);
        out += '}';
    }
    void operator()(const StepEnd& end) const {
        out += R"({"type":"step_end","affected_row_count":)";
        append_integer(out, end.affected_row_count);
        out += R"(,"last_insert_rowid":)";
        // A number here, against a string in a StmtResult: so do sqld and Turso Cloud.
        if (end.last_insert_rowid) {
            append_integer(out, *end.last_insert_rowid);
        } else {
            out += "null";
        }
        out += '}';
    }
    void operator()(const StepError& failure) const {
        out += R"({"type":"step_error","step":)";
        append_integer(out, failure.step);
        out += R"(,"error":)";
        append(out, failure.error);
        out += '}';
    }
    void operator()(const CursorRow& row) const {
        out += R"({"type":"row","row":)";
        append_row(out, row.values);
        out += '}';
    }
    void operator()(const ProtocolError& error) const {
        out += R"({"type":"error","error":)";
        append(out, error);
        out += '}';
    }
    void operator()(const CursorDone&) const {
        out += R"({"type":"replication_index","replication_index":null})";
    }
};

}  // namespace

void append_optional_text(std::string& out, const std::optional<std::string>& text) {
    if (text) {
        append_string(out, *text);
    } else {
        out += "null";
    }
}

void append_sql_members(std::string& out, const SqlRef& sql) {
    if (sql.sql) {
        out += R"(,"sql":)";
        append_string(out, *sql.sql);
    }
    if (sql.sql_id) {
        out += R"(,"sql_id":)";
        append_integer(out, *sql.sql_id);
    }
}

void append(std::string& out, const Value& value) { std::visit(AppendValue{out}, value); }

void append(std::string& out, const Stmt& stmt) {
    out += R"({"want_rows":)";
    append_bool(out, stmt.want_rows);
    append_sql_members(out, stmt.sql);
    if (!stmt.args.empty()) {
        out += R"(,"args":)";
        append_row(out, stmt.args);
    }
    if (!stmt.named_args.empty()) {
        out += R"(,"named_args":)";
        append_array(out, stmt.named_args, [&](const NamedArg& arg) {
            out += R"({"name":)";
            append_string(out, arg.name);
            out += R"(,"value":)";
            append(out, arg.value);
            out += '}';
        });
    }
    out += '}';
}

void append(std::string& out, const Batch& batch) {
    out += R"({"steps":)";
    append_array(out, batch.steps, [&](const BatchStep& step) {
        out += R"({"stmt":)";
        append(out, step.stmt);
        if (step.condition) {
            out += R"(,"condition":)";
            append_cond(out, *step.condition);
        }
        out += '}';
    });
    out += '}';
}

void append(std::string& out, const ProtocolError& error) {
    out += R"({"message":)";
    append_string(out, error.message);
    out += R"(,"code":)";
    append_string(out, error.code);
    if (!error.extended_code.empty()) {
        out += R"(,"extended_code":)";
        append_string(out, error.extended_code);
    }
    out += '}';
}

void append(std::string& out, const StmtResult& result) {
    out += R"({"cols":)";
    append_cols(out, result.cols);
    out += R"(,"rows":)";
    append_array(out, result.rows, [&](const Row& row) { append_row(out, row); });
    out += R"(,"affected_row_count":)";
    append_integer(out, result.affected_row_count);
    out += R"(,"last_insert_rowid":)";
    if (result.last_insert_rowid) {
        out += '"';
        append_integer(out, *result.last_insert_rowid);
        out += '"';
    } else {
        out += "null";
    }
    out += R"(,"replication_index":null,"rows_read":)";
    append_integer(out, result.rows_read);
    out += R"(,"rows_written":)";
    append_integer(out, result.rows_written);
    out += R"(,"query_duration_ms":)";
    append_real(out, result.query_duration_ms);
    out += '}';
}

void append(std::string& out, const BatchResult& result) {
    const auto each = [&](const auto& step) {
        if (step) {
            append(out, *step);
        } else {
            out += "null";
        }
    };
    out += R"({"step_results":)";
    append_array(out, result.step_results, each);
    out += R"(,"step_errors":)";
    append_array(out, result.step_errors, each);
    out += R"(,"replication_index":null})";
}

void append(std::string& out, const DescribeResult& result) {
    out += R"({"params":)";
    append_array(out, result.params, [&](const std::optional<std::string>& name) {
        out += R"({"name":)";
        append_optional_text(out, name);
        out += '}';
    });
    out += R"(,"cols":)";
    append_cols(out, result.cols);
    out += R"(,"is_explain":)";
    append_bool(out, result.is_explain);
    out += R"(,"is_readonly":)";
    append_bool(out, result.is_readonly);
    out += '}';
}

void append(std::string& out, const CursorEntry& entry) { std::visit(AppendEntry{out}, entry); }

}  // namespace tidemark::hrana::json
