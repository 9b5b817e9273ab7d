#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <tidemark/value.hpp>

/// What Hrana's messages mean, whatever they are written in (JSON or protobuf) and sent by (HTTP or
/// WebSocket). The server and the client share it.
namespace tidemark::hrana {

struct NamedArg {
    std::string name;  ///< with or without its prefix
    Value value;
    bool operator==(const NamedArg&) const = default;
};

/// Text given in the message, or stored before under a number. A message should hold just one.
struct SqlRef {
    std::optional<std::string> sql;
    std::optional<std::int32_t> sql_id;
    bool operator==(const SqlRef&) const = default;
};

struct Stmt {
    SqlRef sql;
    std::vector<Value> args;
    std::vector<NamedArg> named_args;
    bool want_rows = true;
    bool operator==(const Stmt&) const = default;
};

struct Cond {
    enum class Kind { ok, error, negation, all, any, is_autocommit };
    Kind kind = Kind::all;
    std::uint32_t step = 0;   ///< of ok and error
    std::vector<Cond> conds;  ///< of all and any; exactly one for negation
    bool operator==(const Cond&) const = default;
};

struct BatchStep {
    std::optional<Cond> condition;
    Stmt stmt;
    bool operator==(const BatchStep&) const = default;
};

struct Batch {
    std::vector<BatchStep> steps;
    bool operator==(const Batch&) const = default;
};

struct ProtocolError {
    std::string message;
    std::string code;           ///< such as SQLITE_CONSTRAINT or STREAM_EXPIRED; empty: none given
    std::string extended_code;  ///< such as SQLITE_CONSTRAINT_UNIQUE; empty: none
    bool operator==(const ProtocolError&) const = default;
};

struct Col {
    std::optional<std::string> name;
    std::optional<std::string> decltype_name;
    bool operator==(const Col&) const = default;
};

struct StmtResult {
    std::vector<Col> cols;
    std::vector<Row> rows;
    std::uint64_t affected_row_count = 0;
    std::optional<std::int64_t> last_insert_rowid;
    std::uint64_t rows_read = 0;
    std::uint64_t rows_written = 0;
    double query_duration_ms = 0;
    bool operator==(const StmtResult&) const = default;
};

/// One entry per step in both; a step that was skipped has neither.
struct BatchResult {
    std::vector<std::optional<StmtResult>> step_results;
    std::vector<std::optional<ProtocolError>> step_errors;
    bool operator==(const BatchResult&) const = default;
};

struct DescribeResult {
    std::vector<std::optional<std::string>> params;  ///< names with their prefix; none for `?`
    std::vector<Col> cols;
    bool is_explain = false;
    bool is_readonly = false;
    bool operator==(const DescribeResult&) const = default;
};

// ---- Requests of a stream
// ------------------------------------------------------------------------

struct CloseReq {
    bool operator==(const CloseReq&) const = default;
};
struct ExecuteReq {
    Stmt stmt;
    bool operator==(const ExecuteReq&) const = default;
};
struct BatchReq {
    Batch batch;
    bool operator==(const BatchReq&) const = default;
};
struct SequenceReq {
    SqlRef sql;
    bool operator==(const SequenceReq&) const = default;
};
struct DescribeReq {
    SqlRef sql;
    bool operator==(const DescribeReq&) const = default;
};
struct StoreSqlReq {
    std::int32_t sql_id = 0;
    std::string sql;
    bool operator==(const StoreSqlReq&) const = default;
};
struct CloseSqlReq {
    std::int32_t sql_id = 0;
    bool operator==(const CloseSqlReq&) const = default;
};
struct GetAutocommitReq {
    bool operator==(const GetAutocommitReq&) const = default;
};

/// The order of the alternatives is that of the protobuf fields, from 1.
using StreamRequest = std::variant<CloseReq, ExecuteReq, BatchReq, SequenceReq, DescribeReq,
                                   StoreSqlReq, CloseSqlReq, GetAutocommitReq>;

struct CloseResp {
    bool operator==(const CloseResp&) const = default;
};
struct ExecuteResp {
    StmtResult result;
    bool operator==(const ExecuteResp&) const = default;
};
struct BatchResp {
    BatchResult result;
    bool operator==(const BatchResp&) const = default;
};
struct SequenceResp {
    bool operator==(const SequenceResp&) const = default;
};
struct DescribeResp {
    DescribeResult result;
    bool operator==(const DescribeResp&) const = default;
};
struct StoreSqlResp {
    bool operator==(const StoreSqlResp&) const = default;
};
struct CloseSqlResp {
    bool operator==(const CloseSqlResp&) const = default;
};
struct GetAutocommitResp {
    bool is_autocommit = true;
    bool operator==(const GetAutocommitResp&) const = default;
};

/// In the order of StreamRequest.
using StreamResponse = std::variant<CloseResp, ExecuteResp, BatchResp, SequenceResp, DescribeResp,
                                    StoreSqlResp, CloseSqlResp, GetAutocommitResp>;
using StreamResult = std::variant<StreamResponse, ProtocolError>;

// ---- HTTP
// ----------------------------------------------------------------------------------------

struct PipelineReq {
    std::optional<std::string> baton;
    std::vector<StreamRequest> requests;
    bool operator==(const PipelineReq&) const = default;
};

struct PipelineResp {
    std::optional<std::string> baton;
    std::optional<std::string> base_url;
    std::vector<StreamResult> results;
    bool operator==(const PipelineResp&) const = default;
};

struct CursorReq {
    std::optional<std::string> baton;
    Batch batch;
    bool operator==(const CursorReq&) const = default;
};

struct CursorHead {
    std::optional<std::string> baton;
    std::optional<std::string> base_url;
    bool operator==(const CursorHead&) const = default;
};

struct StepBegin {
    std::uint32_t step = 0;
    std::vector<Col> cols;
    bool operator==(const StepBegin&) const = default;
};
struct StepEnd {
    std::uint64_t affected_row_count = 0;
    std::optional<std::int64_t> last_insert_rowid;
    bool operator==(const StepEnd&) const = default;
};
struct StepError {
    std::uint32_t step = 0;
    ProtocolError error;
    bool operator==(const StepError&) const = default;
};
struct CursorRow {
    Row values;
    bool operator==(const CursorRow&) const = default;
};
/// The terminator of a cursor that went well.
struct CursorDone {
    bool operator==(const CursorDone&) const = default;
};

/// The order is that of the protobuf fields, from 1. A bare error is fatal: nothing follows it.
using CursorEntry =
    std::variant<StepBegin, StepEnd, StepError, CursorRow, ProtocolError, CursorDone>;

}  // namespace tidemark::hrana
