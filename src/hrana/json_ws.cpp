#include <array>

#include "hrana/json.hpp"
#include "hrana/json_parts.hpp"
#include "hrana/json_text.hpp"

namespace tidemark::hrana::json {
namespace {

/// In the order of ws::RequestBody and ws::ResponseBody.
enum class Type {
    open_stream,
    close_stream,
    execute,
    batch,
    open_cursor,
    close_cursor,
    fetch_cursor,
    sequence,
    describe,
    store_sql,
    close_sql,
    get_autocommit
};
constexpr std::array<std::string_view, std::variant_size_v<ws::RequestBody>> type_names = {
    "open_stream",  "close_stream", "execute",  "batch",     "open_cursor", "close_cursor",
    "fetch_cursor", "sequence",     "describe", "store_sql", "close_sql",   "get_autocommit"};

Type type_of(JsonReader& json, std::string_view name) {
    for (std::size_t i = 0; i < type_names.size(); ++i) {
        if (type_names[i] == name) return static_cast<Type>(i);
    }
    json.fail("a type of request that Hrana has, instead of '" + std::string(name) + "',");
}

/// Whatever a request may carry; which of it must be there depends on its type.
struct Members {
    std::optional<std::int32_t> stream_id;
    std::optional<std::int32_t> cursor_id;
    std::optional<std::uint32_t> max_count;
    std::optional<Stmt> stmt;
    std::optional<Batch> batch;
    SqlRef sql;
};

void read_member(JsonReader& json, std::string_view key, Members& members) {
    if (key == "stream_id") {
        members.stream_id = json.integer<std::int32_t>();
    } else if (key == "cursor_id") {
        members.cursor_id = json.integer<std::int32_t>();
    } else if (key == "max_count") {
        members.max_count = json.integer<std::uint32_t>();
    } else if (key == "stmt") {
        members.stmt = read_stmt(json);
    } else if (key == "batch") {
        members.batch = read_batch(json);
    } else if (!read_sql_member(json, key, members.sql)) {
        json.skip();
    }
}

ws::RequestBody read_request(JsonReader& json) {
    Type type = Type::open_stream;
    Members members;
    json.tagged([&](std::string_view name) { type = type_of(json, name); },
                [&](std::string_view key) { read_member(json, key, members); });
    const auto stream = [&] { return required(json, std::move(members.stream_id), "stream_id"); };
    const auto cursor = [&] { return required(json, std::move(members.cursor_id), "cursor_id"); };
    const auto sql_id = [&] { return required(json, std::move(members.sql.sql_id), "sql_id"); };
    const auto batch = [&] { return required(json, std::move(members.batch), "batch"); };
    switch (type) {
        case Type::open_stream: return ws::OpenStream{stream()};
        case Type::close_stream: return ws::CloseStream{stream()};
        case Type::execute:
            return ws::Execute{stream(), required(json, std::move(members.stmt), "stmt")};
        case Type::batch: return ws::RunBatch{stream(), batch()};
        case Type::open_cursor: return ws::OpenCursor{stream(), cursor(), batch()};
        case Type::close_cursor: return ws::CloseCursor{cursor()};
        case Type::fetch_cursor:
            return ws::FetchCursor{cursor(),
                                   required(json, std::move(members.max_count), "max_count")};
        case Type::sequence: return ws::Sequence{stream(), std::move(members.sql)};
        case Type::describe: return ws::Describe{stream(), std::move(members.sql)};
        case Type::store_sql:
            return ws::StoreSql{sql_id(), required(json, std::move(members.sql.sql), "sql")};
        case Type::close_sql: return ws::CloseSql{sql_id()};
        case Type::get_autocommit: break;
    }
    return ws::GetAutocommit{stream()};
}

ws::FetchCursorResp& fetched(std::optional<ws::ResponseBody>& response) {
    if (!response) response = ws::FetchCursorResp{};
    return std::get<ws::FetchCursorResp>(*response);
}

ws::ResponseBody read_response(JsonReader& json) {
    Type type = Type::open_stream;
    std::optional<ws::ResponseBody> response;
    json.tagged(
        [&](std::string_view name) {
            type = type_of(json, name);
            switch (type) {
                case Type::open_stream: response = ws::OpenStreamResp{}; break;
                case Type::close_stream: response = ws::CloseStreamResp{}; break;
                case Type::open_cursor: response = ws::OpenCursorResp{}; break;
                case Type::close_cursor: response = ws::CloseCursorResp{}; break;
                case Type::sequence: response = SequenceResp{}; break;
                case Type::store_sql: response = StoreSqlResp{}; break;
                case Type::close_sql: response = CloseSqlResp{}; break;
                default: break;
            }
        },
        [&](std::string_view key) {
            if (key == "result" && type == Type::execute) {
                response = ExecuteResp{read_stmt_result(json)};
            } else if (key == "result" && type == Type::batch) {
                response = BatchResp{read_batch_result(json)};
            } else if (key == "result" && type == Type::describe) {
                response = DescribeResp{read_describe_result(json)};
            } else if (key == "is_autocommit" && type == Type::get_autocommit) {
                response = GetAutocommitResp{json.boolean()};
            } else if (key == "entries" && type == Type::fetch_cursor) {
                auto& entries = fetched(response).entries;
                json.array([&] { entries.push_back(read_cursor_entry(json)); });
            } else if (key == "done" && type == Type::fetch_cursor) {
                fetched(response).done = json.boolean();
            } else {
                json.skip();
            }
        });
    return required(json, std::move(response), "result");
}

struct AppendRequest {
    std::string& out;

    void operator()(const ws::OpenStream& request) const { stream(request.stream_id); }
    void operator()(const ws::CloseStream& request) const { stream(request.stream_id); }
    void operator()(const ws::GetAutocommit& request) const { stream(request.stream_id); }
    void operator()(const ws::CloseCursor& request) const { cursor(request.cursor_id); }
    void operator()(const ws::Execute& request) const {
        stream(request.stream_id);
        out += R"(,"stmt":)";
        append(out, request.stmt);
    }
    void operator()(const ws::RunBatch& request) const {
        stream(request.stream_id);
        batch(request.batch);
    }
    void operator()(const ws::OpenCursor& request) const {
        stream(request.stream_id);
        cursor(request.cursor_id);
        batch(request.batch);
    }
    void operator()(const ws::FetchCursor& request) const {
        cursor(request.cursor_id);
        number("max_count", request.max_count);
    }
    void operator()(const ws::Sequence& request) const {
        stream(request.stream_id);
        append_sql_members(out, request.sql);
    }
    void operator()(const ws::Describe& request) const {
        stream(request.stream_id);
        append_sql_members(out, request.sql);
    }
    void operator()(const ws::StoreSql& request) const {
        append_sql_members(out, {request.sql, request.sql_id});
    }
    void operator()(const ws::CloseSql& request) const {
        append_sql_members(out, {std::nullopt, request.sql_id});
    }

    void number(std::string_view name, std::integral auto value) const {
        ((out += ",\"") += name) += "\":";
        append_integer(out, value);
    }
    void stream(std::int32_t id) const { number("stream_id", id); }
    void cursor(std::int32_t id) const { number("cursor_id", id); }
    void batch(const Batch& held) const {
        out += R"(,"batch":)";
        append(out, held);
    }
};

struct AppendResponse {
    std::string& out;

    void operator()(const ExecuteResp& response) const { result(response.result); }
    void operator()(const BatchResp& response) const { result(response.result); }
    void operator()(const DescribeResp& response) const { result(response.result); }
    void operator()(const ws::FetchCursorResp& response) const {
        out += R"(,"entries":)";
        append_array(out, response.entries, [&](const CursorEntry& entry) { append(out, entry); });
        flag("done", response.done);
    }
    void operator()(const GetAutocommitResp& response) const {
        flag("is_autocommit", response.is_autocommit);
    }
    template <typename Empty>
    void operator()(const Empty&) const {}

    template <typename Result>
    void result(const Result& held) const {
        out += R"(,"result":)";
        append(out, held);
    }
    void flag(std::string_view name, bool value) const {
        (((out += ",\"") += name) += "\":") += value ? "true" : "false";
    }
};

void append_request_id(std::string& out, std::int32_t id) {
    out += R"(,"request_id":)";
    append_integer(out, id);
}

/// The body of a request or a response, from its type on.
template <typename Append, typename Body>
void append_body(std::string& out, const Body& body) {
    ((out += R"({"type":")") += type_names[body.index()]) += '"';
    std::visit(Append{out}, body);
    out += '}';
}

struct AppendServerMsg {
    std::string& out;

    void operator()(const ws::HelloOk&) const { out += R"({"type":"hello_ok"})"; }
    void operator()(const ws::HelloError& refusal) const {
        out += R"({"type":"hello_error","error":)";
        append(out, refusal.error);
        out += '}';
    }
    void operator()(const ws::ResponseOk& response) const {
        out += R"({"type":"response_ok")";
        append_request_id(out, response.request_id);
        out += R"(,"response":)";
        append_body<AppendResponse>(out, response.body);
        out += '}';
    }
    void operator()(const ws::ResponseError& response) const {
        out += R"({"type":"response_error")";
        append_request_id(out, response.request_id);
        out += R"(,"error":)";
        append(out, response.error);
        out += '}';
    }
};

}  // namespace

ws::ClientMsg read_client_msg(std::string_view text) {
    JsonReader json(text);
    bool hello = false;
    std::optional<std::string> jwt;
    std::optional<std::int32_t> request_id;
    std::optional<ws::RequestBody> body;
    json.tagged(
        [&](std::string_view type) {
            hello = type == "hello";
            if (!hello && type != "request") json.fail("a message of type hello or request");
        },
        [&](std::string_view key) {
            if (hello && key == "jwt") {
                jwt = read_optional_text(json);
            } else if (!hello && key == "request_id") {
                request_id = json.integer<std::int32_t>();
            } else if (!hello && key == "request") {
                body = read_request(json);
            } else {
                json.skip();
            }
        });
    json.end();
    if (hello) return ws::Hello{std::move(jwt)};
    return ws::Request{required(json, std::move(request_id), "request_id"),
                       required(json, std::move(body), "request")};
}

ws::ServerMsg read_server_msg(std::string_view text) {
    JsonReader json(text);
    std::string type;
    std::optional<std::int32_t> request_id;
    std::optional<ws::ResponseBody> body;
    std::optional<ProtocolError> error;
    json.tagged([&](std::string_view name) { type = name; },
                [&](std::string_view key) {
                    if (key == "request_id") {
                        request_id = json.integer<std::int32_t>();
                    } else if (key == "response") {
                        body = read_response(json);
                    } else if (key == "error") {
                        error = read_protocol_error(json);
                    } else {
                        json.skip();
                    }
                });
    json.end();
    const auto id = [&] { return required(json, std::move(request_id), "request_id"); };
    if (type == "hello_ok") return ws::HelloOk{};
    if (type == "hello_error") return ws::HelloError{required(json, std::move(error), "error")};
    if (type == "response_ok") {
        return ws::ResponseOk{id(), required(json, std::move(body), "response")};
    }
    if (type == "response_error") {
        return ws::ResponseError{id(), required(json, std::move(error), "error")};
    }
    json.fail("a type of message that Hrana has, instead of '" + type + "',");
}

void write(std::string& out, const ws::ClientMsg& message) {
    if (const auto* hello = std::get_if<ws::Hello>(&message)) {
        out += R"({"type":"hello","jwt":)";
        append_optional_text(out, hello->jwt);
        out += '}';
        return;
    }
    const auto& request = std::get<ws::Request>(message);
    out += R"({"type":"request")";
    append_request_id(out, request.request_id);
    out += R"(,"request":)";
    append_body<AppendRequest>(out, request.body);
    out += '}';
}

void write(std::string& out, const ws::ServerMsg& message) {
    std::visit(AppendServerMsg{out}, message);
}

}  // namespace tidemark::hrana::json
