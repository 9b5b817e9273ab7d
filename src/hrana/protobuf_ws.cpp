#include "hrana/protobuf.hpp"
#include "hrana/protobuf_parts.hpp"

namespace tidemark::hrana::protobuf {
namespace {

/// The requests that begin with the number of a stream, and what follows it as field 2 and 3.
template <typename Request, typename F>
Request read_on_stream(std::string_view message, F&& other) {
    Request request;
    fields(message, [&](Field& field) {
        if (field.number() == 1) {
            request.stream_id = field.int32();
        } else if (!other(request, field)) {
            field.skip();
        }
    });
    return request;
}

template <typename Request>
Request read_on_stream(std::string_view message) {
    return read_on_stream<Request>(message, [](Request&, Field&) { return false; });
}

template <typename Request>
Request read_with_sql(std::string_view message) {
    return read_on_stream<Request>(message, [](Request& request, Field& field) {
        return read_sql_field(field, 2, request.sql);
    });
}

ws::Execute read_execute(std::string_view message) {
    bool whole = false;
    const auto request =
        read_on_stream<ws::Execute>(message, [&](ws::Execute& execute, Field& field) {
            if (field.number() != 2) return false;
            execute.stmt = read_stmt(field.bytes());
            return whole = true;
        });
    if (!whole) throw Malformed("malformed message: the statement is missing");
    return request;
}

ws::RunBatch read_run_batch(std::string_view message) {
    bool whole = false;
    const auto request =
        read_on_stream<ws::RunBatch>(message, [&](ws::RunBatch& run, Field& field) {
            if (field.number() != 2) return false;
            run.batch = read_batch(field.bytes());
            return whole = true;
        });
    if (!whole) throw Malformed("malformed message: the batch is missing");
    return request;
}

ws::OpenCursor read_open_cursor(std::string_view message) {
    bool whole = false;
    const auto request =
        read_on_stream<ws::OpenCursor>(message, [&](ws::OpenCursor& open, Field& field) {
            if (field.number() == 2) {
                open.cursor_id = field.int32();
            } else if (field.number() == 3) {
                open.batch = read_batch(field.bytes());
                whole = true;
            } else {
                return false;
            }
            return true;
        });
    if (!whole) throw Malformed("malformed message: the batch is missing");
    return request;
}

ws::FetchCursor read_fetch_cursor(std::string_view message) {
    ws::FetchCursor request;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: request.cursor_id = field.int32(); break;
            case 2: request.max_count = field.uint32(); break;
            default: field.skip();
        }
    });
    return request;
}

ws::StoreSql read_store_sql(std::string_view message) {
    ws::StoreSql request;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: request.sql_id = field.int32(); break;
            case 2: request.sql = field.text(); break;
            default: field.skip();
        }
    });
    return request;
}

ws::Request read_request(std::string_view message) {
    std::int32_t id = 0;
    std::optional<ws::RequestBody> body;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: id = field.int32(); break;
            case 2: body = read_on_stream<ws::OpenStream>(field.bytes()); break;
            case 3: body = read_on_stream<ws::CloseStream>(field.bytes()); break;
            case 4: body = read_execute(field.bytes()); break;
            case 5: body = read_run_batch(field.bytes()); break;
            case 6: body = read_open_cursor(field.bytes()); break;
            case 7: body = ws::CloseCursor{read_fetch_cursor(field.bytes()).cursor_id}; break;
            case 8: body = read_fetch_cursor(field.bytes()); break;
            case 9: body = read_with_sql<ws::Sequence>(field.bytes()); break;
            case 10: body = read_with_sql<ws::Describe>(field.bytes()); break;
            case 11: body = read_store_sql(field.bytes()); break;
            case 12: body = ws::CloseSql{read_store_sql(field.bytes()).sql_id}; break;
            case 13: body = read_on_stream<ws::GetAutocommit>(field.bytes()); break;
            default: field.skip();
        }
    });
    if (!body) throw Malformed("malformed message: a request of no type that Hrana has");
    return {id, std::move(*body)};
}

ws::FetchCursorResp read_fetched(std::string_view message) {
    ws::FetchCursorResp response;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: response.entries.push_back(read_cursor_entry(field.bytes())); break;
            case 2: response.done = field.boolean(); break;
            default: field.skip();
        }
    });
    return response;
}

ws::ResponseOk read_response(std::string_view message) {
    std::int32_t id = 0;
    std::optional<ws::ResponseBody> body;
    fields(message, [&](Field& field) {
        if (field.number() == 1) {
            id = field.int32();
            return;
        }
        if (field.number() > std::variant_size_v<ws::ResponseBody> + 1) return field.skip();
        const std::string_view held = field.bytes();
        switch (field.number()) {
            case 2: body = ws::OpenStreamResp{}; break;
            case 3: body = ws::CloseStreamResp{}; break;
            case 4: body = ExecuteResp{read_stmt_result(only_field(held))}; break;
            case 5: body = BatchResp{read_batch_result(only_field(held))}; break;
            case 6: body = ws::OpenCursorResp{}; break;
            case 7: body = ws::CloseCursorResp{}; break;
            case 8: body = read_fetched(held); break;
            case 9: body = SequenceResp{}; break;
            case 10: body = DescribeResp{read_describe_result(only_field(held))}; break;
            case 11: body = StoreSqlResp{}; break;
            case 12: body = CloseSqlResp{}; break;
            case 13: body = read_autocommit(held); break;
        }
    });
    if (!body) throw Malformed("malformed message: a response of no type that Hrana has");
    return {id, std::move(*body)};
}

ws::ResponseError read_response_error(std::string_view message) {
    ws::ResponseError response;
    fields(message, [&](Field& field) {
        switch (field.number()) {
            case 1: response.request_id = field.int32(); break;
            case 2: response.error = read_protocol_error(field.bytes()); break;
            default: field.skip();
        }
    });
    return response;
}

void append_id(MessageWriter& out, std::uint32_t number, std::int32_t id) {
    if (id != 0) out.add_int32(number, id);
}

struct AppendRequest {
    MessageWriter& out;

    void operator()(const ws::OpenStream& request) const { append_id(out, 1, request.stream_id); }
    void operator()(const ws::CloseStream& request) const { append_id(out, 1, request.stream_id); }
    void operator()(const ws::GetAutocommit& request) const {
        append_id(out, 1, request.stream_id);
    }
    void operator()(const ws::CloseCursor& request) const { append_id(out, 1, request.cursor_id); }
    void operator()(const ws::CloseSql& request) const { append_id(out, 1, request.sql_id); }
    void operator()(const ws::Execute& request) const {
        append_id(out, 1, request.stream_id);
        append_message(out, 2, request.stmt);
    }
    void operator()(const ws::RunBatch& request) const {
        append_id(out, 1, request.stream_id);
        append_message(out, 2, request.batch);
    }
    void operator()(const ws::OpenCursor& request) const {
        append_id(out, 1, request.stream_id);
        append_id(out, 2, request.cursor_id);
        append_message(out, 3, request.batch);
    }
    void operator()(const ws::FetchCursor& request) const {
        append_id(out, 1, request.cursor_id);
        if (request.max_count != 0) out.add_uint32(2, request.max_count);
    }
    void operator()(const ws::Sequence& request) const {
        append_id(out, 1, request.stream_id);
        append_sql(out, 2, request.sql);
    }
    void operator()(const ws::Describe& request) const {
        append_id(out, 1, request.stream_id);
        append_sql(out, 2, request.sql);
    }
    void operator()(const ws::StoreSql& request) const {
        append_id(out, 1, request.sql_id);
        append_text(out, 2, request.sql);
    }
};

struct AppendResponse {
    MessageWriter& out;

    void operator()(const ExecuteResp& response) const { append_message(out, 1, response.result); }
    void operator()(const BatchResp& response) const { append_message(out, 1, response.result); }
    void operator()(const DescribeResp& response) const { append_message(out, 1, response.result); }
    void operator()(const GetAutocommitResp& response) const { append(out, response); }
    void operator()(const ws::FetchCursorResp& response) const {
        for (const CursorEntry& entry : response.entries) append_message(out, 1, entry);
        if (response.done) out.add_bool(2, true);
    }
    template <typename Empty>
    void operator()(const Empty&) const {}
};

/// Requests and responses are numbered alike, from 2, in the order of the variants.
template <typename Append, typename Body>
void append_body(MessageWriter& out, const Body& body) {
    MessageWriter inner(out, static_cast<std::uint32_t>(body.index() + 2));
    std::visit(Append{inner}, body);
}

struct AppendServerMsg {
    MessageWriter& out;

    void operator()(const ws::HelloOk&) const { append_empty(out, 1); }
    void operator()(const ws::HelloError& refusal) const {
        MessageWriter inner(out, 2);
        append_message(inner, 1, refusal.error);
    }
    void operator()(const ws::ResponseOk& response) const {
        MessageWriter inner(out, 3);
        append_id(inner, 1, response.request_id);
        append_body<AppendResponse>(inner, response.body);
    }
    void operator()(const ws::ResponseError& response) const {
        MessageWriter inner(out, 4);
        append_id(inner, 1, response.request_id);
        append_message(inner, 2, response.error);
    }
};

ws::Hello read_hello(std::string_view message) {
    ws::Hello hello;
    fields(message, [&](Field& field) {
        if (field.number() != 1) return field.skip();
        hello.jwt = field.text();
    });
    return hello;
}

}  // namespace

ws::ClientMsg read_client_msg(std::string_view bytes) {
    std::optional<ws::ClientMsg> message;
    fields(bytes, [&](Field& field) {
        switch (field.number()) {
            case 1: message = read_hello(field.bytes()); break;
            case 2: message = read_request(field.bytes()); break;
            default: field.skip();
        }
    });
    if (!message) throw Malformed("malformed message: it is empty");
    return std::move(*message);
}

ws::ServerMsg read_server_msg(std::string_view bytes) {
    std::optional<ws::ServerMsg> message;
    fields(bytes, [&](Field& field) {
        switch (field.number()) {
            case 1:
                field.skip();
                message = ws::HelloOk{};
                break;
            case 2: message = ws::HelloError{read_protocol_error(only_field(field.bytes()))}; break;
            case 3: message = read_response(field.bytes()); break;
            case 4: message = read_response_error(field.bytes()); break;
            default: field.skip();
        }
    });
    if (!message) throw Malformed("malformed message: it is empty");
    return std::move(*message);
}

void write(std::string& out, const ws::ClientMsg& message) {
    MessageWriter writer(out);
    if (const auto* hello = std::get_if<ws::Hello>(&message)) {
        MessageWriter inner(writer, 1);
        if (hello->jwt) append_text(inner, 1, *hello->jwt);
        return;
    }
    const auto& request = std::get<ws::Request>(message);
    MessageWriter inner(writer, 2);
    append_id(inner, 1, request.request_id);
    append_body<AppendRequest>(inner, request.body);
}

void write(std::string& out, const ws::ServerMsg& message) {
    MessageWriter writer(out);
    std::visit(AppendServerMsg{writer}, message);
}

}  // namespace tidemark::hrana::protobuf
