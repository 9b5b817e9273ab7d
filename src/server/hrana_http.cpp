#include <optional>
#include <utility>

#include "hrana/json.hpp"
#include "hrana/malformed.hpp"
#include "hrana/protobuf.hpp"
#include "server/cursor.hpp"
#include "server/service.hpp"

/// Hrana over HTTP: pipelines, cursors, and the stateless forms of version 1.
namespace tidemark::server {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view protobuf_type = "application/x-protobuf";

/// A cursor's entries go out in portions of about this size.
constexpr std::size_t portion_bytes = 64 * 1024;
constexpr std::size_t portion_entries = 4'096;

hrana::PipelineReq read_pipeline(const Request& request, bool protobuf) {
    return protobuf ? hrana::protobuf::read_pipeline_req(request.body)
                    : hrana::json::read_pipeline_req(request.body);
}

template <class Message>
void write(std::string& out, const Message& message, bool protobuf) {
    protobuf ? hrana::protobuf::write(out, message) : hrana::json::write(out, message);
}

/// The HTTP status of an error in the stateless forms, which have no place for one inside.
int status_of(const hrana::ProtocolError& error) {
    if (error.code == "ARGS_BOTH_POSITIONAL_AND_NAMED") return 501;
    if (error.code == "TRANSACTION_TIMEOUT" || error.code == "TRANSACTION_BUSY") return 503;
    return error.code.starts_with("SQLITE_") ? 500 : 400;
}

}  // namespace

/// A baton's stream, or a new one that has no place yet.
Streams::Taken Service::stream_for(const std::optional<std::string>& baton,
                                   const Admitted& admitted) {
    if (baton) return streams_.take(*baton, *admitted.database);
    return {std::make_shared<Stream>(admitted.database, admitted.caller), {}};
}

Task<> Service::pipeline(const Request& request, const Route& route, Reply& reply) {
    const Admitted admitted = admit(request, route.database);
    const hrana::PipelineReq asked = read_pipeline(request, route.protobuf);
    Streams::Taken taken = stream_for(asked.baton, admitted);
    Stream& stream = *taken.stream;
    hrana::PipelineResp answer;
    answer.results.reserve(asked.requests.size());
    bool goes_on = false;
    {
        const Stream::Claim claim = co_await stream.claim();
        Budget budget(shared_.limits);
        for (const hrana::StreamRequest& each : asked.requests) {
            try {
                hrana::StreamResponse response = co_await stream.handle(each, budget);
                answer.results.emplace_back(std::move(response));
            } catch (const Fault& fault) {
                ++shared_.metrics.statement_errors;
                answer.results.emplace_back(fault.error);
            }
        }
        // A stream without state could as well be a new one, but libsql-client-go takes a missing
        // baton for the end of its connection.
        goes_on = !stream.closed() && (asked.baton || stream.has_state() || streams_.is_roomy());
    }
    if (goes_on) {
        if (!asked.baton) taken = streams_.add(std::move(taken.stream));
        answer.baton = streams_.baton(taken);
        streams_.put_back(std::move(taken));
    }
    std::string body;
    write(body, answer, route.protobuf);
    const std::string_view type = route.protobuf ? protobuf_type : json_type;
    co_await reply.send(200, type, std::move(body));
}

// The first portion is computed before the answer begins, so that what ends the whole request still
// has a status of its own.
Task<> Service::cursor(const Request& request, const Route& route, Reply& reply) {
    const Admitted admitted = admit(request, route.database);
    hrana::CursorReq asked = route.protobuf ? hrana::protobuf::read_cursor_req(request.body)
                                            : hrana::json::read_cursor_req(request.body);
    Streams::Taken taken = stream_for(asked.baton, admitted);
    if (!asked.baton) taken = streams_.add(std::move(taken.stream));
    std::string out;
    write(out, hrana::CursorHead{streams_.baton(taken), {}}, route.protobuf);
    bool goes_on = true;
    {
        const Stream::Claim claim = co_await taken.stream->claim();
        Cursor& cursor = taken.stream->open_cursor(std::move(asked.batch));
        while (goes_on && !cursor.done()) {
            goes_on = co_await portion(cursor, out, route.protobuf, reply);
        }
        taken.stream->close_cursor();
    }
    // Before the end is told, so that the next request finds it.
    if (goes_on) streams_.put_back(std::move(taken));
    co_await reply.write(out);
    co_await reply.end();
}

/// Appends the cursor's next entries to `out`, which is sent unless they are the last. False where
/// the stream must end: the peer is gone, or has broken the protocol.
Task<bool> Service::portion(Cursor& cursor, std::string& out, bool protobuf, Reply& reply) {
    std::vector<hrana::CursorEntry> entries;
    std::optional<hrana::ProtocolError> fatal;
    try {
        co_await cursor.fetch(entries, portion_entries, portion_bytes);
    } catch (const HttpFault& fault) {
        if (!reply.begun()) throw;
        fatal = fault.error;
    }
    for (const hrana::CursorEntry& entry : entries) write(out, entry, protobuf);
    if (fatal) write(out, hrana::CursorEntry(*fatal), protobuf);
    if (!reply.begun()) {
        const char* type = protobuf ? "application/octet-stream" : "text/plain";
        co_await reply.begin(200, type);
    }
    if (fatal || cursor.done()) co_return !fatal;
    const bool reached = co_await reply.write(out);
    out.clear();
    co_return reached;
}

Task<> Service::execute(const Request& request, const Route& route, Reply& reply) {
    const Admitted admitted = admit(request, route.database);
    const hrana::ExecuteReq asked = hrana::json::read_execute_req(request.body);
    Stream stream(admitted.database, admitted.caller);
    hrana::ExecuteResp answer;
    {
        const Stream::Claim claim = co_await stream.claim();
        Budget budget(shared_.limits);
        try {
            answer.result = co_await stream.execute(asked.stmt, budget);
        } catch (const Fault& fault) {
            throw HttpFault(status_of(fault.error), fault.error.code, fault.error.message);
        }
    }
    std::string body;
    hrana::json::write(body, answer);
    co_await reply.send(200, json_type, std::move(body));
}

Task<> Service::batch(const Request& request, const Route& route, Reply& reply) {
    const Admitted admitted = admit(request, route.database);
    const hrana::BatchReq asked = hrana::json::read_batch_req(request.body);
    Stream stream(admitted.database, admitted.caller);
    hrana::BatchResp answer;
    {
        const Stream::Claim claim = co_await stream.claim();
        Budget budget(shared_.limits);
        answer.result = co_await stream.batch(asked.batch, budget);
    }
    std::string body;
    hrana::json::write(body, answer);
    co_await reply.send(200, json_type, std::move(body));
}

}  // namespace tidemark::server
