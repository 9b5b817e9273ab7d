#pragma once

#include <string>
#include <string_view>

#include "hrana/malformed.hpp"
#include "hrana/ws_protocol.hpp"

/// Hrana's messages in JSON. `read_…` takes one whole message and throws Malformed where it is
/// none; members that it does not know are passed over, and an optional member may be null or
/// missing. `write` appends one message to `out`. Text that is not UTF-8 is written with U+FFFD for
/// what is not, and an infinite float as a number out of range (1e999), which readers take for
/// infinity.
namespace tidemark::hrana::json {

// ---- HTTP: requests
// ------------------------------------------------------------------------------

PipelineReq read_pipeline_req(std::string_view body);
CursorReq read_cursor_req(std::string_view body);
/// Bodies of `POST /v1/execute` and `POST /v1/batch`.
ExecuteReq read_execute_req(std::string_view body);
BatchReq read_batch_req(std::string_view body);

void write(std::string& out, const PipelineReq& request);
void write(std::string& out, const CursorReq& request);

// ---- HTTP: responses
// -----------------------------------------------------------------------------

void write(std::string& out, const PipelineResp& response);
void write(std::string& out, const ExecuteResp& response);
void write(std::string& out, const BatchResp& response);
/// A line of a cursor's answer, with the newline that ends it.
void write(std::string& out, const CursorHead& head);
void write(std::string& out, const CursorEntry& entry);
/// The body of an HTTP error. Besides `message` and `code` it has `error`, where sqld's clients
/// look.
void write_error(std::string& out, const ProtocolError& error);

PipelineResp read_pipeline_resp(std::string_view body);
/// One line of a cursor's answer, with its newline or without.
CursorHead read_cursor_head(std::string_view line);
CursorEntry read_cursor_entry(std::string_view line);
/// The body of an HTTP error, in the form of Hrana, sqld or Turso Cloud. A body that is none of
/// them is the message itself.
ProtocolError read_error(std::string_view body);

// ---- WebSocket
// -----------------------------------------------------------------------------------

ws::ClientMsg read_client_msg(std::string_view text);
ws::ServerMsg read_server_msg(std::string_view text);
void write(std::string& out, const ws::ClientMsg& message);
void write(std::string& out, const ws::ServerMsg& message);

}  // namespace tidemark::hrana::json
