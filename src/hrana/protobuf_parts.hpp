#pragma once

#include <string>
#include <string_view>

#include "base/text.hpp"
#include "hrana/protobuf_fields.hpp"
#include "hrana/protobuf_writer.hpp"
#include "hrana/protocol.hpp"

/// The parts of a message that HTTP and WebSocket have in common, read from and written as
/// protobuf.
namespace tidemark::hrana::protobuf {

Stmt read_stmt(std::string_view message);
/// Throws Malformed also where a condition refers to a step that does not come before its own.
Batch read_batch(std::string_view message);
ProtocolError read_protocol_error(std::string_view message);
StmtResult read_stmt_result(std::string_view message);
BatchResult read_batch_result(std::string_view message);
DescribeResult read_describe_result(std::string_view message);
/// An answer that holds nothing but whether the connection is outside a transaction.
GetAutocommitResp read_autocommit(std::string_view message);

/// Reads a field that is `sql` or the one after it, `sql_id`; false for any other.
bool read_sql_field(Field& field, std::uint32_t sql_number, SqlRef& sql);

void append(MessageWriter& out, const Stmt& stmt);
void append(MessageWriter& out, const Batch& batch);
void append(MessageWriter& out, const ProtocolError& error);
void append(MessageWriter& out, const StmtResult& result);
void append(MessageWriter& out, const BatchResult& result);
void append(MessageWriter& out, const DescribeResult& result);
void append(MessageWriter& out, const CursorEntry& entry);
void append(MessageWriter& out, const GetAutocommitResp& response);
void append_sql(MessageWriter& out, std::uint32_t sql_number, const SqlRef& sql);

inline void append_text(MessageWriter& out, std::uint32_t number, std::string_view text) {
    if (is_utf8(text)) {
        out.add_string(number, text.data(), text.size());
    } else {
        out.add_string(number, as_utf8(text));
    }
}

/// The message `held` as the field `number`.
template <typename Held>
void append_message(MessageWriter& out, std::uint32_t number, const Held& held) {
    MessageWriter inner(out, number);
    append(inner, held);
}

inline void append_empty(MessageWriter& out, std::uint32_t number) {
    out.add_message(number, "", 0);
}

}  // namespace tidemark::hrana::protobuf
