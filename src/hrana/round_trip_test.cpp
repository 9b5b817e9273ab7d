// Whatever the types can hold comes back the same from JSON and from protobuf.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstring>

#include "base/text.hpp"
#include "hrana/json.hpp"
#include "hrana/protobuf.hpp"

namespace tidemark::hrana {
namespace {

namespace gen = rc::gen;

bool flip() { return *gen::arbitrary<bool>(); }
std::size_t few() { return *gen::inRange<std::size_t>(0, 4); }
std::int32_t id() { return *gen::arbitrary<std::int32_t>(); }

std::string text() { return as_utf8(*gen::arbitrary<std::string>()); }

template <typename Make>
auto maybe(Make make) -> std::optional<decltype(make())> {
    if (flip()) return std::nullopt;
    return make();
}

template <typename Make>
auto list(Make make) {
    std::vector<decltype(make())> items;
    for (std::size_t left = few(); left > 0; --left) items.push_back(make());
    return items;
}

/// Any bits but those of NaN, which SQLite cannot hold.
double real() {
    const double value = *gen::map(gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) {
        double held = 0;
        std::memcpy(&held, &bits, sizeof held);
        return held;
    });
    return std::isnan(value) ? -0.0 : value;
}

Value value() {
    switch (*gen::inRange(0, 5)) {
        case 0: return {};
        case 1: return *gen::arbitrary<std::int64_t>();
        case 2: return real();
        case 3: return text();
        default: return Blob{*gen::arbitrary<std::string>()};
    }
}

Row row() { return list(value); }
SqlRef sql() { return {maybe(text), maybe(id)}; }

Stmt stmt() {
    return {sql(), row(), list([] { return NamedArg{text(), value()}; }), flip()};
}

/// For a step with `earlier` ones before it.
Cond cond(std::uint32_t earlier, int depth) {
    using Kind = Cond::Kind;
    const auto inner = [&] { return cond(earlier, depth - 1); };
    const auto step = [&] { return *gen::inRange<std::uint32_t>(0, earlier); };
    switch (*gen::inRange(earlier == 0 ? 2 : 0, depth == 0 ? 3 : 6)) {
        case 0: return {Kind::ok, step(), {}};
        case 1: return {Kind::error, step(), {}};
        case 2: return {Kind::is_autocommit, 0, {}};
        case 3: return {Kind::negation, 0, {inner()}};
        case 4: return {Kind::all, 0, list(inner)};
        default: return {Kind::any, 0, list(inner)};
    }
}

Batch batch() {
    Batch made;
    for (std::uint32_t step = 0; step < few(); ++step) {
        made.steps.push_back({maybe([&] { return cond(step, 3); }), stmt()});
    }
    return made;
}

StreamRequest request() {
    switch (*gen::inRange(0, 8)) {
        case 0: return CloseReq{};
        case 1: return ExecuteReq{stmt()};
        case 2: return BatchReq{batch()};
        case 3: return SequenceReq{sql()};
        case 4: return DescribeReq{sql()};
        case 5: return StoreSqlReq{id(), text()};
        case 6: return CloseSqlReq{id()};
        default: return GetAutocommitReq{};
    }
}

/// Protobuf has no field for the extended code.
ProtocolError error() { return {text(), text(), {}}; }
Col col() { return {maybe(text), maybe(text)}; }
std::uint64_t count() { return *gen::arbitrary<std::uint64_t>(); }
std::int64_t rowid() { return *gen::arbitrary<std::int64_t>(); }

StmtResult stmt_result() {
    const double duration = real();
    return {list(col),
            list(row),
            count(),
            maybe(rowid),
            count(),
            count(),
            std::isinf(duration) ? 0.5 : duration};
}

BatchResult batch_result() {
    BatchResult result;
    for (std::size_t left = few(); left > 0; --left) {
        result.step_results.push_back(maybe(stmt_result));
        result.step_errors.push_back(maybe(error));
    }
    // In protobuf nobody can tell a step that was skipped at the end from one that was not there.
    if (!result.step_errors.empty()) result.step_errors.back() = error();
    return result;
}

DescribeResult describe_result() {
    return {list([] { return maybe(text); }), list(col), flip(), flip()};
}

CursorEntry entry() {
    const auto step = [] { return *gen::arbitrary<std::uint32_t>(); };
    switch (*gen::inRange(0, 6)) {
        case 0: return StepBegin{step(), list(col)};
        case 1: return StepEnd{count(), maybe(rowid)};
        case 2: return StepError{step(), error()};
        case 3: return CursorRow{row()};
        case 4: return error();
        default: return CursorDone{};
    }
}

StreamResponse response() {
    switch (*gen::inRange(0, 8)) {
        case 0: return CloseResp{};
        case 1: return ExecuteResp{stmt_result()};
        case 2: return BatchResp{batch_result()};
        case 3: return SequenceResp{};
        case 4: return DescribeResp{describe_result()};
        case 5: return StoreSqlResp{};
        case 6: return CloseSqlResp{};
        default: return GetAutocommitResp{flip()};
    }
}

ws::RequestBody ws_request() {
    switch (*gen::inRange(0, 12)) {
        case 0: return ws::OpenStream{id()};
        case 1: return ws::CloseStream{id()};
        case 2: return ws::Execute{id(), stmt()};
        case 3: return ws::RunBatch{id(), batch()};
        case 4: return ws::OpenCursor{id(), id(), batch()};
        case 5: return ws::CloseCursor{id()};
        case 6: return ws::FetchCursor{id(), *gen::arbitrary<std::uint32_t>()};
        case 7: return ws::Sequence{id(), sql()};
        case 8: return ws::Describe{id(), sql()};
        case 9: return ws::StoreSql{id(), text()};
        case 10: return ws::CloseSql{id()};
        default: return ws::GetAutocommit{id()};
    }
}

ws::ResponseBody ws_response() {
    switch (*gen::inRange(0, 12)) {
        case 0: return ws::OpenStreamResp{};
        case 1: return ws::CloseStreamResp{};
        case 2: return ExecuteResp{stmt_result()};
        case 3: return BatchResp{batch_result()};
        case 4: return ws::OpenCursorResp{};
        case 5: return ws::CloseCursorResp{};
        case 6: return ws::FetchCursorResp{list(entry), flip()};
        case 7: return SequenceResp{};
        case 8: return DescribeResp{describe_result()};
        case 9: return StoreSqlResp{};
        case 10: return CloseSqlResp{};
        default: return GetAutocommitResp{flip()};
    }
}

template <typename Message>
std::string in_json(const Message& message) {
    std::string out;
    json::write(out, message);
    return out;
}

template <typename Message>
std::string in_protobuf(const Message& message) {
    std::string out;
    protobuf::write(out, message);
    return out;
}

RC_GTEST_PROP(HranaRoundTrip, APipelineRequestComesBack, ()) {
    const PipelineReq message{maybe(text), list(request)};
    RC_ASSERT(json::read_pipeline_req(in_json(message)) == message);
    RC_ASSERT(protobuf::read_pipeline_req(in_protobuf(message)) == message);
}

RC_GTEST_PROP(HranaRoundTrip, APipelineResponseComesBack, ()) {
    const auto result = [] { return flip() ? StreamResult(response()) : StreamResult(error()); };
    const PipelineResp message{maybe(text), maybe(text), list(result)};
    RC_ASSERT(json::read_pipeline_resp(in_json(message)) == message);
    RC_ASSERT(protobuf::read_pipeline_resp(in_protobuf(message)) == message);
}

RC_GTEST_PROP(HranaRoundTrip, ACursorRequestComesBack, ()) {
    const CursorReq message{maybe(text), batch()};
    RC_ASSERT(json::read_cursor_req(in_json(message)) == message);
    RC_ASSERT(protobuf::read_cursor_req(in_protobuf(message)) == message);
}

RC_GTEST_PROP(HranaRoundTrip, ACursorsAnswerComesBackEntryByEntry, ()) {
    const CursorHead head{maybe(text), maybe(text)};
    const auto entries = list(entry);
    std::string lines = in_json(head);
    std::string bytes = in_protobuf(head);
    for (const CursorEntry& each : entries) {
        lines += in_json(each);
        bytes += in_protobuf(each);
    }

    std::string_view rest = lines;
    const auto line = [&] {
        const std::size_t end = rest.find('\n');
        const std::string_view found = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        return found;
    };
    RC_ASSERT(json::read_cursor_head(line()) == head);
    for (const CursorEntry& each : entries) RC_ASSERT(json::read_cursor_entry(line()) == each);
    RC_ASSERT(rest.empty());

    rest = bytes;
    std::string_view message;
    RC_ASSERT(protobuf::next_message(rest, message));
    RC_ASSERT(protobuf::read_cursor_head(message) == head);
    for (const CursorEntry& each : entries) {
        RC_ASSERT(protobuf::next_message(rest, message));
        RC_ASSERT(protobuf::read_cursor_entry(message) == each);
    }
    RC_ASSERT(!protobuf::next_message(rest, message));
}

RC_GTEST_PROP(HranaRoundTrip, AWebSocketMessageOfTheClientComesBack, ()) {
    const ws::ClientMsg message = flip() ? ws::ClientMsg(ws::Hello{maybe(text)})
                                         : ws::ClientMsg(ws::Request{id(), ws_request()});
    RC_ASSERT(json::read_client_msg(in_json(message)) == message);
    RC_ASSERT(protobuf::read_client_msg(in_protobuf(message)) == message);
}

RC_GTEST_PROP(HranaRoundTrip, AWebSocketMessageOfTheServerComesBack, ()) {
    const auto make = []() -> ws::ServerMsg {
        switch (*gen::inRange(0, 4)) {
            case 0: return ws::HelloOk{};
            case 1: return ws::HelloError{error()};
            case 2: return ws::ResponseOk{id(), ws_response()};
            default: return ws::ResponseError{id(), error()};
        }
    };
    const ws::ServerMsg message = make();
    RC_ASSERT(json::read_server_msg(in_json(message)) == message);
    RC_ASSERT(protobuf::read_server_msg(in_protobuf(message)) == message);
}

}  // namespace
}  // namespace tidemark::hrana
