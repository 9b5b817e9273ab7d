#pragma once

#include "hrana/protocol.hpp"

/// The messages of Hrana over WebSocket. They carry the statements and results of protocol.hpp, on
/// streams and cursors that the client numbers.
namespace tidemark::hrana::ws {

// ---- From the client
// -----------------------------------------------------------------------------

/// The first message; a later one authenticates anew.
struct Hello {
    std::optional<std::string> jwt;
    bool operator==(const Hello&) const = default;
};

struct OpenStream {
    std::int32_t stream_id = 0;
    bool operator==(const OpenStream&) const = default;
};
struct CloseStream {
    std::int32_t stream_id = 0;
    bool operator==(const CloseStream&) const = default;
};
struct Execute {
    std::int32_t stream_id = 0;
    Stmt stmt;
    bool operator==(const Execute&) const = default;
};
struct RunBatch {
    std::int32_t stream_id = 0;
    Batch batch;
    bool operator==(const RunBatch&) const = default;
};
struct OpenCursor {
    std::int32_t stream_id = 0;
    std::int32_t cursor_id = 0;
    Batch batch;
    bool operator==(const OpenCursor&) const = default;
};
struct CloseCursor {
    std::int32_t cursor_id = 0;
    bool operator==(const CloseCursor&) const = default;
};
struct FetchCursor {
    std::int32_t cursor_id = 0;
    std::uint32_t max_count = 0;
    bool operator==(const FetchCursor&) const = default;
};
struct Sequence {
    std::int32_t stream_id = 0;
    SqlRef sql;
    bool operator==(const Sequence&) const = default;
};
struct Describe {
    std::int32_t stream_id = 0;
    SqlRef sql;
    bool operator==(const Describe&) const = default;
};
/// Stored for the whole connection, not for one stream.
struct StoreSql {
    std::int32_t sql_id = 0;
    std::string sql;
    bool operator==(const StoreSql&) const = default;
};
struct CloseSql {
    std::int32_t sql_id = 0;
    bool operator==(const CloseSql&) const = default;
};
struct GetAutocommit {
    std::int32_t stream_id = 0;
    bool operator==(const GetAutocommit&) const = default;
};

/// The order of the alternatives is that of the protobuf fields, from 2.
using RequestBody =
    std::variant<OpenStream, CloseStream, Execute, RunBatch, OpenCursor, CloseCursor, FetchCursor,
                 Sequence, Describe, StoreSql, CloseSql, GetAutocommit>;

struct Request {
    std::int32_t request_id = 0;
    RequestBody body;
    bool operator==(const Request&) const = default;
};

using ClientMsg = std::variant<Hello, Request>;

// ---- From the server
// -----------------------------------------------------------------------------

struct HelloOk {
    bool operator==(const HelloOk&) const = default;
};
struct HelloError {
    ProtocolError error;
    bool operator==(const HelloError&) const = default;
};

struct OpenStreamResp {
    bool operator==(const OpenStreamResp&) const = default;
};
struct CloseStreamResp {
    bool operator==(const CloseStreamResp&) const = default;
};
struct OpenCursorResp {
    bool operator==(const OpenCursorResp&) const = default;
};
struct CloseCursorResp {
    bool operator==(const CloseCursorResp&) const = default;
};
struct FetchCursorResp {
    std::vector<CursorEntry> entries;
    bool done = false;
    bool operator==(const FetchCursorResp&) const = default;
};

/// In the order of RequestBody.
using ResponseBody = std::variant<OpenStreamResp, CloseStreamResp, ExecuteResp, BatchResp,
                                  OpenCursorResp, CloseCursorResp, FetchCursorResp, SequenceResp,
                                  DescribeResp, StoreSqlResp, CloseSqlResp, GetAutocommitResp>;

struct ResponseOk {
    std::int32_t request_id = 0;
    ResponseBody body;
    bool operator==(const ResponseOk&) const = default;
};
struct ResponseError {
    std::int32_t request_id = 0;
    ProtocolError error;
    bool operator==(const ResponseError&) const = default;
};

using ServerMsg = std::variant<HelloOk, HelloError, ResponseOk, ResponseError>;

}  // namespace tidemark::hrana::ws
