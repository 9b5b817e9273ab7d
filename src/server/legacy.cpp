#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "base/base64.hpp"
#include "server/service.hpp"

/// The oldest form of all: `POST /` with a list of statements in plain JSON.
namespace tidemark::server {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse(const char* why) { throw HttpFault(400, "REQUEST_INVALID", why); }

Value value_of(const json::value& given) {
    switch (given.kind()) {
        case json::kind::null: return std::monostate{};
        case json::kind::bool_: return std::int64_t{given.get_bool()};
        case json::kind::int64: return given.get_int64();
        case json::kind::uint64: return static_cast<double>(given.get_uint64());
        case json::kind::double_: return given.get_double();
        case json::kind::string: return std::string(given.get_string());
        default: break;
    }
    const json::value* text =
        given.is_object() ? given.get_object().if_contains("base64") : nullptr;
    const auto bytes = text && text->is_string() ? from_base64(text->get_string()) : std::nullopt;
    if (!bytes) refuse("a parameter is no value");
    return Blob{*bytes};
}

hrana::Stmt statement_of(const json::value& given) {
    hrana::Stmt stmt;
    if (given.is_string()) {
        stmt.sql.sql = std::string(given.get_string());
        return stmt;
    }
    const json::object* object = given.if_object();
    const json::value* sql = object ? object->if_contains("q") : nullptr;
    if (!sql || !sql->is_string()) refuse("a statement is neither text nor an object with `q`");
    stmt.sql.sql = std::string(sql->get_string());
    const json::value* params = object->if_contains("params");
    if (!params || params->is_null()) return stmt;
    if (params->is_array()) {
        for (const json::value& each : params->get_array()) stmt.args.push_back(value_of(each));
    } else if (params->is_object()) {
        for (const auto& [name, value] : params->get_object()) {
            stmt.named_args.push_back({std::string(name), value_of(value)});
        }
    } else {
        refuse("`params` is neither a list nor an object");
    }
    return stmt;
}

std::vector<hrana::Stmt> statements_of(const std::string& body) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 8;
    const json::value given = json::parse(body, error, {}, options);
    const json::object* object = error ? nullptr : given.if_object();
    const json::value* list = object ? object->if_contains("statements") : nullptr;
    if (!list || !list->is_array()) refuse("the body is no JSON object with `statements`");
    std::vector<hrana::Stmt> statements;
    for (const json::value& each : list->get_array()) statements.push_back(statement_of(each));
    return statements;
}

json::value json_of(const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    if (const auto* real = std::get_if<double>(&value)) return *real;
    if (const auto* text = std::get_if<std::string>(&value)) return json::string(*text);
    if (const auto* blob = std::get_if<Blob>(&value)) {
        std::string text;
        append_base64(text, blob->bytes);
        return json::object{{"base64", text}};
    }
    return nullptr;
}

json::value json_of(const hrana::StmtResult& result) {
    json::array columns;
    for (const hrana::Col& col : result.cols) columns.emplace_back(col.name.value_or(""));
    json::array rows;
    for (const Row& row : result.rows) {
        json::array values;
        for (const Value& value : row) values.push_back(json_of(value));
        rows.push_back(std::move(values));
    }
    return {{"results",
             {{"columns", std::move(columns)},
              {"rows", std::move(rows)},
              {"rows_read", result.rows_read},
              {"rows_written", result.rows_written},
              {"query_duration_ms", result.query_duration_ms}}}};
}

}  // namespace

// What the statements before a failing one did stays: so it is at sqld, whatever its text says.
Task<> Service::statements(const Request& request, const Route& route, Reply& reply) {
    const Admitted admitted = admit(request, route.database);
    const std::vector<hrana::Stmt> asked = statements_of(request.body);
    Stream stream(admitted.database, admitted.caller);
    json::array answer;
    {
        const Stream::Claim claim = co_await stream.claim();
        Budget budget(shared_.limits);
        bool failed = false;
        for (const hrana::Stmt& stmt : asked) {
            if (failed) {
                answer.push_back(nullptr);
                continue;
            }
            try {
                const hrana::StmtResult result = co_await stream.execute(stmt, budget);
                answer.push_back(json_of(result));
            } catch (const Fault& fault) {
                failed = true;
                answer.push_back(json::object{{"error", fault.error.message}});
            }
        }
        if (!stream.autocommit()) {
            throw HttpFault(400, "TRANSACTION_OPEN",
                            "Query error: interactive transaction not allowed in HTTP queries");
        }
    }
    co_await reply.send(200, "application/json", json::serialize(answer));
}

}  // namespace tidemark::server
