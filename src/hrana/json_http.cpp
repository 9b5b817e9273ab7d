#include <array>

#include "base/text.hpp"
#include "hrana/json.hpp"
#include "hrana/json_parts.hpp"
#include "hrana/json_text.hpp"

namespace tidemark::hrana::json {
namespace {

/// In the order of StreamRequest and StreamResponse.
constexpr std::array<std::string_view, std::variant_size_v<StreamRequest>> type_names = {
    "close",    "execute",   "batch",     "sequence",
    "describe", "store_sql", "close_sql", "get_autocommit"};

std::size_t type_index(JsonReader& json, std::string_view name) {
    for (std::size_t i = 0; i < type_names.size(); ++i) {
        if (type_names[i] == name) return i;
    }
    json.fail("a type of request that Hrana has, instead of '" + std::string(name) + "',");
}

StreamRequest read_stream_request(JsonReader& json) {
    std::size_t type = 0;
    std::optional<Stmt> stmt;
    std::optional<Batch> batch;
    SqlRef sql;
    json.tagged([&](std::string_view name) { type = type_index(json, name); },
                [&](std::string_view key) {
                    if (key == "stmt") {
                        stmt = read_stmt(json);
                    } else if (key == "batch") {
                        batch = read_batch(json);
                    } else if (!read_sql_member(json, key, sql)) {
                        json.skip();
                    }
                });
    switch (type) {
        case 0: return CloseReq{};
        case 1: return ExecuteReq{required(json, std::move(stmt), "stmt")};
        case 2: return BatchReq{required(json, std::move(batch), "batch")};
        case 3: return SequenceReq{std::move(sql)};
        case 4: return DescribeReq{std::move(sql)};
        case 5:
            return StoreSqlReq{required(json, std::move(sql.sql_id), "sql_id"),
                               required(json, std::move(sql.sql), "sql")};
        case 6: return CloseSqlReq{required(json, std::move(sql.sql_id), "sql_id")};
        default: return GetAutocommitReq{};
    }
}

/// The members after the type.
struct AppendRequest {
    std::string& out;

    void operator()(const CloseReq&) const {}
    void operator()(const GetAutocommitReq&) const {}
    void operator()(const ExecuteReq& request) const {
        out += R"(,"stmt":)";
        append(out, request.stmt);
    }
    void operator()(const BatchReq& request) const {
        out += R"(,"batch":)";
        append(out, request.batch);
    }
    void operator()(const SequenceReq& request) const { append_sql_members(out, request.sql); }
    void operator()(const DescribeReq& request) const { append_sql_members(out, request.sql); }
    void operator()(const StoreSqlReq& request) const {
        append_sql_members(out, {request.sql, request.sql_id});
    }
    void operator()(const CloseSqlReq& request) const {
        append_sql_members(out, {std::nullopt, request.sql_id});
    }
};

struct AppendResponse {
    std::string& out;

    void operator()(const ExecuteResp& response) const { result(response.result); }
    void operator()(const BatchResp& response) const { result(response.result); }
    void operator()(const DescribeResp& response) const { result(response.result); }
    void operator()(const GetAutocommitResp& response) const {
        out += R"(,"is_autocommit":)";
        out += response.is_autocommit ? "true" : "false";
    }
    template <typename Empty>
    void operator()(const Empty&) const {}

    template <typename Result>
    void result(const Result& held) const {
        out += R"(,"result":)";
        append(out, held);
    }
};

void append_head(std::string& out, const std::optional<std::string>& baton,
                 const std::optional<std::string>& base_url) {
    out += R"({"baton":)";
    append_optional_text(out, baton);
    out += R"(,"base_url":)";
    append_optional_text(out, base_url);
}

template <typename Request>
std::string_view type_name(const Request& request) {
    return type_names[request.index()];
}

StreamResponse read_stream_response(JsonReader& json) {
    std::size_t type = 0;
    std::optional<StreamResponse> response;
    json.tagged(
        [&](std::string_view name) {
            type = type_index(json, name);
            switch (type) {
                case 0: response = CloseResp{}; break;
                case 3: response = SequenceResp{}; break;
                case 5: response = StoreSqlResp{}; break;
                case 6: response = CloseSqlResp{}; break;
            }
        },
        [&](std::string_view key) {
            if (key == "result" && type == 1) {
                response = ExecuteResp{read_stmt_result(json)};
            } else if (key == "result" && type == 2) {
                response = BatchResp{read_batch_result(json)};
            } else if (key == "result" && type == 4) {
                response = DescribeResp{read_describe_result(json)};
            } else if (key == "is_autocommit" && type == 7) {
                response = GetAutocommitResp{json.boolean()};
            } else {
                json.skip();
            }
        });
    return required(json, std::move(response), type == 7 ? "is_autocommit" : "result");
}

StreamResult read_stream_result(JsonReader& json) {
    bool ok = false;
    std::optional<StreamResult> result;
    json.tagged(
        [&](std::string_view type) {
            ok = type == "ok";
            if (!ok && type != "error") json.fail("a result of type ok or error");
        },
        [&](std::string_view key) {
            if (ok && key == "response") {
                result = read_stream_response(json);
            } else if (!ok && key == "error") {
                result = read_protocol_error(json);
            } else {
                json.skip();
            }
        });
    return required(json, std::move(result), ok ? "response" : "error");
}

/// Reads `baton` and `base_url`; false for any other member.
template <typename Head>
bool read_head_member(JsonReader& json, std::string_view key, Head& head) {
    if (key == "baton") {
        head.baton = read_optional_text(json);
    } else if (key == "base_url") {
        head.base_url = read_optional_text(json);
    } else {
        return false;
    }
    return true;
}

/// The one member `name` of a body.
template <typename T>
T read_only_member(std::string_view body, std::string_view name, T (*read)(JsonReader&)) {
    JsonReader json(body);
    std::optional<T> held;
    json.object([&](std::string_view key) {
        if (key != name) return json.skip();
        held = read(json);
    });
    json.end();
    return required(json, std::move(held), name);
}

}  // namespace

PipelineReq read_pipeline_req(std::string_view body) {
    JsonReader json(body);
    PipelineReq request;
    bool whole = false;
    json.object([&](std::string_view key) {
        if (key == "baton") {
            request.baton = read_optional_text(json);
        } else if (key == "requests") {
            json.array([&] { request.requests.push_back(read_stream_request(json)); });
            whole = true;
        } else {
            json.skip();
        }
    });
    json.end();
    if (!whole) json.fail("a member 'requests' before here");
    return request;
}

CursorReq read_cursor_req(std::string_view body) {
    JsonReader json(body);
    std::optional<std::string> baton;
    std::optional<Batch> batch;
    json.object([&](std::string_view key) {
        if (key == "baton") {
            baton = read_optional_text(json);
        } else if (key == "batch") {
            batch = read_batch(json);
        } else {
            json.skip();
        }
    });
    json.end();
    return {std::move(baton), required(json, std::move(batch), "batch")};
}

ExecuteReq read_execute_req(std::string_view body) {
    return {read_only_member(body, "stmt", read_stmt)};
}

BatchReq read_batch_req(std::string_view body) {
    return {read_only_member(body, "batch", read_batch)};
}

void write(std::string& out, const PipelineReq& request) {
    out += R"({"baton":)";
    append_optional_text(out, request.baton);
    out += R"(,"requests":)";
    append_array(out, request.requests, [&](const StreamRequest& each) {
        ((out += R"({"type":")") += type_name(each)) += '"';
        std::visit(AppendRequest{out}, each);
        out += '}';
    });
    out += '}';
}

void write(std::string& out, const CursorReq& request) {
    out += R"({"baton":)";
    append_optional_text(out, request.baton);
    out += R"(,"batch":)";
    append(out, request.batch);
    out += '}';
}

void write(std::string& out, const PipelineResp& response) {
    append_head(out, response.baton, response.base_url);
    out += R"(,"results":)";
    append_array(out, response.results, [&](const StreamResult& result) {
        if (const auto* error = std::get_if<ProtocolError>(&result)) {
            out += R"({"type":"error","error":)";
            append(out, *error);
            out += '}';
            return;
        }
        const auto& answer = std::get<StreamResponse>(result);
        ((out += R"({"type":"ok","response":{"type":")") += type_name(answer)) += '"';
        std::visit(AppendResponse{out}, answer);
        out += "}}";
    });
    out += '}';
}

void write(std::string& out, const ExecuteResp& response) {
    out += R"({"result":)";
    append(out, response.result);
    out += '}';
}

void write(std::string& out, const BatchResp& response) {
    out += R"({"result":)";
    append(out, response.result);
    out += '}';
}

void write(std::string& out, const CursorHead& head) {
    append_head(out, head.baton, head.base_url);
    out += "}\n";
}

void write(std::string& out, const CursorEntry& entry) {
    append(out, entry);
    out += '\n';
}

void write_error(std::string& out, const ProtocolError& error) {
    append(out, error);
    out.pop_back();
    out += R"(,"error":)";
    append_string(out, error.message);
    out += '}';
}

PipelineResp read_pipeline_resp(std::string_view body) {
    JsonReader json(body);
    PipelineResp response;
    bool whole = false;
    json.object([&](std::string_view key) {
        if (read_head_member(json, key, response)) return;
        if (key != "results") return json.skip();
        json.array([&] { response.results.push_back(read_stream_result(json)); });
        whole = true;
    });
    json.end();
    if (!whole) json.fail("a member 'results' before here");
    return response;
}

CursorHead read_cursor_head(std::string_view line) {
    JsonReader json(line);
    CursorHead head;
    json.object([&](std::string_view key) {
        if (!read_head_member(json, key, head)) json.skip();
    });
    json.end();
    return head;
}

CursorEntry read_cursor_entry(std::string_view line) {
    JsonReader json(line);
    CursorEntry entry = read_cursor_entry(json);
    json.end();
    return entry;
}

ProtocolError read_error(std::string_view body) {
    try {
        JsonReader json(body);
        ProtocolError error;
        std::string other;
        json.object([&](std::string_view key) {
            if (key == "error" && json.peek() == JsonReader::Kind::object) {
                error = read_protocol_error(json);
            } else if (key == "error") {
                other = read_optional_text(json).value_or("");
            } else if (key == "message") {
                error.message = read_optional_text(json).value_or("");
            } else if (key == "code" && json.peek() == JsonReader::Kind::string) {
                error.code = json.string();
            } else {
                json.skip();
            }
        });
        json.end();
        if (error.message.empty()) error.message = std::move(other);
        if (!error.message.empty()) return error;
    } catch (const Malformed&) {
        // Proxies and sqld itself answer in plain text too.
    }
    return {as_utf8(body), {}, {}};
}

}  // namespace tidemark::hrana::json
