#pragma once

#include <string>
#include <string_view>

#include "hrana/malformed.hpp"
#include "hrana/ws_protocol.hpp"

/// Hrana's messages in protobuf; the functions are those of json.hpp. A batch result that is read
/// is as long as its last step that ran.
namespace tidemark::hrana::protobuf {

// ---- HTTP
// ----------------------------------------------------------------------------------------

PipelineReq read_pipeline_req(std::string_view body);
CursorReq read_cursor_req(std::string_view body);
void write(std::string& out, const PipelineReq& request);
void write(std::string& out, const CursorReq& request);

void write(std::string& out, const PipelineResp& response);
/// A message of a cursor's answer, with its length before it.
void write(std::string& out, const CursorHead& head);
void write(std::string& out, const CursorEntry& entry);

PipelineResp read_pipeline_resp(std::string_view body);
/// Cuts the next message of a cursor's answer, without its length, off the front of `bytes`.
/// False, and `bytes` as it was, while it is not there whole.
bool next_message(std::string_view& bytes, std::string_view& message);
CursorHead read_cursor_head(std::string_view message);
CursorEntry read_cursor_entry(std::string_view message);

// ---- WebSocket
// -----------------------------------------------------------------------------------

ws::ClientMsg read_client_msg(std::string_view bytes);
ws::ServerMsg read_server_msg(std::string_view bytes);
void write(std::string& out, const ws::ClientMsg& message);
void write(std::string& out, const ws::ServerMsg& message);

}  // namespace tidemark::hrana::protobuf
