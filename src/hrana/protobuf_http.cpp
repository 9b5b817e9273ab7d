#include <protozero/varint.hpp>

#include "hrana/protobuf.hpp"
#include "hrana/protobuf_parts.hpp"

namespace tidemark::hrana::protobuf {
namespace {

SqlRef read_sql(std::string_view message) {
    SqlRef sql;
    fields(message, [&](Field& field) {
        if (!read_sql_field(field, 1, sql)) field.skip();
    });
    return sql;
}

StoreSqlReq read_store_sql(std::string_view message) {
    StoreSqlReq request;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: request.sql_id = field.int32(); break;
            case 2: request.sql = field.text(); break;
            default: field.skip();
        }
    });
    return request;
}

StreamRequest read_stream_request(std::string_view message) {
    std::optional<StreamRequest> request;
    fields(message, [&](Field& field) {
        if (field.number() > std::variant_size_v<StreamRequest>) return field.skip();
        const std::string_view body = field.bytes();
        switch (field.number()) {
            case 1: request = CloseReq{}; break;
            case 2: request = ExecuteReq{read_stmt(only_field(body))}; break;
            case 3: request = BatchReq{read_batch(only_field(body))}; break;
            case 4: request = SequenceReq{read_sql(body)}; break;
            case 5: request = DescribeReq{read_sql(body)}; break;
            case 6: request = read_store_sql(body); break;
            case 7: request = CloseSqlReq{read_store_sql(body).sql_id}; break;
            case 8: request = GetAutocommitReq{}; break;
        }
    });
    if (!request) throw Malformed("malformed message: a request of no type that Hrana has");
    return std::move(*request);
}

struct AppendRequest {
    MessageWriter& out;

    void operator()(const ExecuteReq& request) const { append_message(out, 1, request.stmt); }
    void operator()(const BatchReq& request) const { append_message(out, 1, request.batch); }
    void operator()(const SequenceReq& request) const { append_sql(out, 1, request.sql); }
    void operator()(const DescribeReq& request) const { append_sql(out, 1, request.sql); }
    void operator()(const StoreSqlReq& request) const {
        if (request.sql_id != 0) out.add_int32(1, request.sql_id);
        append_text(out, 2, request.sql);
    }
    void operator()(const CloseSqlReq& request) const {
        if (request.sql_id != 0) out.add_int32(1, request.sql_id);
    }
    void operator()(const CloseReq&) const {}
    void operator()(const GetAutocommitReq&) const {}
};

struct AppendResponse {
    MessageWriter& out;

    void operator()(const ExecuteResp& response) const { append_message(out, 1, response.result); }
    void operator()(const BatchResp& response) const { append_message(out, 1, response.result); }
    void operator()(const DescribeResp& response) const { append_message(out, 1, response.result); }
    void operator()(const GetAutocommitResp& response) const { append(out, response); }
    template <typename Empty>
    void operator()(const Empty&) const {}
};

/// Requests and responses are numbered alike, from 1, in the order of the variants.
template <typename Append, typename Body>
void append_body(MessageWriter& out, const Body& body) {
    MessageWriter inner(out, static_cast<std::uint32_t>(body.index() + 1));
    std::visit(Append{inner}, body);
}

StreamResponse read_stream_response(std::string_view message) {
    std::optional<StreamResponse> response;
    fields(message, [&](Field& field) {
        if (field.number() > std::variant_size_v<StreamRequest>) return field.skip();
        const std::string_view body = field.bytes();
        switch (field.number()) {
            case 1: response = CloseResp{}; break;
            case 2: response = ExecuteResp{read_stmt_result(only_field(body))}; break;
            case 3: response = BatchResp{read_batch_result(only_field(body))}; break;
            case 4: response = SequenceResp{}; break;
            case 5: response = DescribeResp{read_describe_result(only_field(body))}; break;
            case 6: response = StoreSqlResp{}; break;
            case 7: response = CloseSqlResp{}; break;
            case 8: response = read_autocommit(body); break;
        }
    });
    if (!response) throw Malformed("malformed message: a response of no type that Hrana has");
    return std::move(*response);
}

StreamResult read_stream_result(std::string_view message) {
    std::optional<StreamResult> result;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: result = read_stream_response(field.bytes()); break;
            case 2: result = read_protocol_error(field.bytes()); break;
            default: field.skip();
        }
    });
    if (!result) throw Malformed("malformed message: a result is empty");
    return std::move(*result);
}

/// Appends what `write` writes, with its length before it.
template <typename Write>
void append_delimited(std::string& out, Write write) {
    std::string message;
    MessageWriter writer(message);
    write(writer);
    protozero::add_varint_to_buffer(&out, message.size());
    out += message;
}

void append_head(MessageWriter& out, const std::optional<std::string>& baton,
                 const std::optional<std::string>& base_url) {
    if (baton) append_text(out, 1, *baton);
    if (base_url) append_text(out, 2, *base_url);
}

}  // namespace

PipelineReq read_pipeline_req(std::string_view body) {
    PipelineReq request;
    fields(body, [&](Field& field) {
        switch (field.number()) {
            case 1: request.baton = field.text(); break;
            case 2: request.requests.push_back(read_stream_request(field.bytes())); break;
            default: field.skip();
        }
    });
    return request;
}

CursorReq read_cursor_req(std::string_view body) {
    CursorReq request;
    bool whole = false;
    fields(body, [&](Field& field) {
        switch (field.number()) {
            case 1: request.baton = field.text(); break;
            case 2:
                request.batch = read_batch(field.bytes());
                whole = true;
                break;
            default: field.skip();
        }
    });
    if (!whole) throw Malformed("malformed message: the batch is missing");
    return request;
}

void write(std::string& out, const PipelineReq& request) {
    MessageWriter writer(out);
    if (request.baton) append_text(writer, 1, *request.baton);
    for (const StreamRequest& each : request.requests) {
        MessageWriter inner(writer, 2);
        append_body<AppendRequest>(inner, each);
    }
}

void write(std::string& out, const CursorReq& request) {
    MessageWriter writer(out);
    if (request.baton) append_text(writer, 1, *request.baton);
    append_message(writer, 2, request.batch);
}

void write(std::string& out, const PipelineResp& response) {
    MessageWriter writer(out);
    append_head(writer, response.baton, response.base_url);
    for (const StreamResult& result : response.results) {
        MessageWriter inner(writer, 3);
        if (const auto* error = std::get_if<ProtocolError>(&result)) {
            append_message(inner, 2, *error);
        } else {
            MessageWriter ok(inner, 1);
            append_body<AppendResponse>(ok, std::get<StreamResponse>(result));
        }
    }
}

void write(std::string& out, const CursorHead& head) {
    append_delimited(
        out, [&](MessageWriter& writer) { append_head(writer, head.baton, head.base_url); });
}

void write(std::string& out, const CursorEntry& entry) {
    append_delimited(out, [&](MessageWriter& writer) { append(writer, entry); });
}

PipelineResp read_pipeline_resp(std::string_view body) {
    PipelineResp response;
    fields(body, [&](Field& field) {
        switch (field.number()) {
            case 1: response.baton = field.text(); break;
            case 2: response.base_url = field.text(); break;
            case 3: response.results.push_back(read_stream_result(field.bytes())); break;
            default: field.skip();
        }
    });
    return response;
}

bool next_message(std::string_view& bytes, std::string_view& message) {
    const char* at = bytes.data();
    const char* const end = bytes.data() + bytes.size();
    std::uint64_t size = 0;
    try {
        size = protozero::decode_varint(&at, end);
    } catch (const protozero::end_of_buffer_exception&) {
        return false;
    } catch (const protozero::exception&) {
        throw Malformed("malformed message: its length cannot be read");
    }
    if (size > static_cast<std::uint64_t>(end - at)) return false;
    message = {at, static_cast<std::size_t>(size)};
    bytes.remove_prefix(static_cast<std::size_t>(at - bytes.data()) + message.size());
    return true;
}

CursorHead read_cursor_head(std::string_view message) {
    CursorHead head;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: head.baton = field.text(); break;
            case 2: head.base_url = field.text(); break;
            default: field.skip();
        }
    });
    return head;
}

}  // namespace tidemark::hrana::protobuf
