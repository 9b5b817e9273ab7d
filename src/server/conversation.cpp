#include "server/conversation.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "hrana/json.hpp"
#include "hrana/malformed.hpp"
#include "hrana/protobuf.hpp"
#include "server/cursor.hpp"
#include "server/fault.hpp"

namespace tidemark::server {
namespace {

namespace asio = boost::asio;
namespace ws = hrana::ws;

enum CloseCode { wrong_kind = 1003, malformed = 1007, violation = 1008, broken = 1011 };

/// Requests and answers of one socket that may wait; then no more is read from it.
constexpr std::size_t most_requests = 256;
constexpr std::size_t most_outgoing_bytes = 16 * 1024 * 1024;
/// Values in one answer to fetch_cursor.
constexpr std::size_t fetched_bytes = 4 * 1024 * 1024;

constexpr Subprotocol subprotocols[] = {
    {"hrana3-protobuf", 3, true},
    {"hrana3", 3, false},
    {"hrana2", 2, false},
    {"hrana1", 1, false},
};

bool offers(std::string_view list, std::string_view name) {
    while (!list.empty()) {
        std::string_view item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        if (item == name) return true;
    }
    return false;
}

/// What ends the whole conversation.
struct Violation {
    int code;
    std::string reason;
};

[[noreturn]] void refuse(std::string reason) { throw Violation{violation, std::move(reason)}; }

int version_of(const ws::RequestBody& body) {
    const auto is = [&]<class Type>(std::type_identity<Type>) {
        return std::holds_alternative<Type>(body);
    };
    const auto among = [&]<class... Types>(std::type_identity<Types>... types) {
        return (is(types) || ...);
    };
    if (among(std::type_identity<ws::OpenCursor>{}, std::type_identity<ws::FetchCursor>{},
              std::type_identity<ws::CloseCursor>{}, std::type_identity<ws::GetAutocommit>{})) {
        return 3;
    }
    return among(std::type_identity<ws::Sequence>{}, std::type_identity<ws::Describe>{},
                 std::type_identity<ws::StoreSql>{}, std::type_identity<ws::CloseSql>{})
               ? 2
               : 1;
}

}  // namespace

const Subprotocol* Subprotocol::choose(std::string_view offered) {
    const auto found =
        std::find_if(std::begin(subprotocols), std::end(subprotocols),
                     [&](const Subprotocol& each) { return offers(offered, each.name); });
    return found == std::end(subprotocols) ? nullptr : found;
}

const Subprotocol& Subprotocol::oldest() { return subprotocols[3]; }

Conversation::Conversation(WebSocket& socket, const Subprotocol& protocol, const Shared& shared,
                           Admit admit)
    : socket_(socket), protocol_(protocol), shared_(shared), admit_(std::move(admit)) {}

// ---- The reader
// ----------------------------------------------------------------------------------

Task<> Conversation::run() {
    std::optional<Violation> why;
    try {
        co_await read_all();
    } catch (const Violation& what) {
        why = what;
    } catch (const hrana::Malformed& what) {
        why = Violation{malformed, what.message()};
    } catch (const std::exception& what) {
        shared_.log.error("websocket failed", {{"error", what.what()}});
        why = Violation{broken, "The server failed; its log says how"};
    }
    lanes_.clear();  // what is under way may wait for a transaction that an idle one has open
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            if (running_ == 0) break;
        }
        co_await changed_.wait();
    }
    if (why) co_await socket_.close(why->code, why->reason);
}

Task<> Conversation::read_all() {
    std::string message;
    while (true) {
        const bool room = co_await wait_for_room();
        if (!room) break;
        const WebSocket::Kind kind = co_await socket_.read(message);
        if (kind == WebSocket::Kind::closed) break;
        if ((kind == WebSocket::Kind::binary) != protocol_.protobuf) {
            throw Violation{wrong_kind, protocol_.protobuf ? "Expected a binary message"
                                                           : "Expected a text message"};
        }
        take(protocol_.protobuf ? hrana::protobuf::read_client_msg(message)
                                : hrana::json::read_client_msg(message));
    }
}

/// False where the peer is gone.
Task<bool> Conversation::wait_for_room() {
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            if (broken_) co_return false;
            if (outgoing_bytes_ < most_outgoing_bytes && waiting_requests_ < most_requests) {
                co_return true;
            }
        }
        co_await changed_.wait();
    }
}

void Conversation::take(const ws::ClientMsg& message) {
    if (const auto* hello = std::get_if<ws::Hello>(&message)) {
        send(greet(*hello));
    } else {
        take_request(std::get<ws::Request>(message));
    }
}

ws::ServerMsg Conversation::greet(const ws::Hello& hello) {
    if (database_ && protocol_.version < 2) refuse("A second hello needs hrana2");
    try {
        std::tie(database_, caller_) = admit_(hello.jwt.value_or(""));
    } catch (const Fault& fault) {
        return ws::HelloError{fault.error};
    } catch (const HttpFault& fault) {
        return ws::HelloError{fault.error};
    }
    return ws::HelloOk{};
}

void Conversation::take_request(ws::Request request) {
    if (!database_) refuse("A request came before a hello was accepted");
    require_version(request.body);
    const std::int32_t id = request.request_id;
    try {
        resolve(request.body);
        if (const LanePtr lane = lane_for(request.body)) {
            enqueue(lane, std::move(request));
        } else {
            send(ws::ResponseOk{id, answer_at_once(request.body)});
        }
    } catch (const Fault& fault) {
        send(ws::ResponseError{id, fault.error});
    } catch (const HttpFault& fault) {
        send(ws::ResponseError{id, fault.error});
    }
}

void Conversation::require_version(const ws::RequestBody& body) const {
    const int needed = version_of(body);
    if (protocol_.version < needed) refuse("This request needs hrana" + std::to_string(needed));
}

/// A text's number means what it means now, whatever is stored before the request runs.
void Conversation::resolve(ws::RequestBody& body) const {
    const auto fill = [this](hrana::SqlRef& sql) {
        if (!sql.sql_id || sql.sql) return;
        sql = {std::string(stored_.text(sql)), {}};
    };
    const auto fill_batch = [&](hrana::Batch& batch) {
        for (hrana::BatchStep& step : batch.steps) fill(step.stmt.sql);
    };
    if (auto* request = std::get_if<ws::Execute>(&body)) fill(request->stmt.sql);
    if (auto* request = std::get_if<ws::Sequence>(&body)) fill(request->sql);
    if (auto* request = std::get_if<ws::Describe>(&body)) fill(request->sql);
    if (auto* request = std::get_if<ws::RunBatch>(&body)) fill_batch(request->batch);
    if (auto* request = std::get_if<ws::OpenCursor>(&body)) fill_batch(request->batch);
}

Conversation::LanePtr Conversation::lane(std::int32_t stream_id) const {
    const auto found = lanes_.find(stream_id);
    if (found != lanes_.end()) return found->second;
    throw Fault("STREAM_NOT_OPEN", "Stream " + std::to_string(stream_id) + " is not open");
}

Conversation::LanePtr Conversation::lane_of_cursor(std::int32_t cursor_id) const {
    const auto found = cursors_.find(cursor_id);
    if (found != cursors_.end()) return lane(found->second);
    throw Fault("CURSOR_NOT_OPEN", "Cursor " + std::to_string(cursor_id) + " is not open");
}

/// The stream that a request is for; null where it is for none, or has to do nothing.
Conversation::LanePtr Conversation::lane_for(const ws::RequestBody& body) {
    if (const auto* request = std::get_if<ws::Execute>(&body)) return lane(request->stream_id);
    if (const auto* request = std::get_if<ws::RunBatch>(&body)) return lane(request->stream_id);
    if (const auto* request = std::get_if<ws::Sequence>(&body)) return lane(request->stream_id);
    if (const auto* request = std::get_if<ws::Describe>(&body)) return lane(request->stream_id);
    if (const auto* request = std::get_if<ws::GetAutocommit>(&body)) {
        return lane(request->stream_id);
    }
    if (const auto* request = std::get_if<ws::FetchCursor>(&body)) {
        return lane_of_cursor(request->cursor_id);
    }
    if (const auto* request = std::get_if<ws::OpenCursor>(&body)) {
        const LanePtr of = lane(request->stream_id);
        if (cursors_.contains(request->cursor_id) || of->has_cursor) {
            refuse("A cursor is open already");
        }
        cursors_[request->cursor_id] = request->stream_id;
        of->has_cursor = true;
        return of;
    }
    if (const auto* request = std::get_if<ws::CloseCursor>(&body)) {
        const auto found = cursors_.find(request->cursor_id);
        if (found == cursors_.end()) return nullptr;
        const LanePtr of = lane(found->second);
        of->has_cursor = false;
        cursors_.erase(found);
        return of;
    }
    if (const auto* request = std::get_if<ws::CloseStream>(&body)) {
        const auto found = lanes_.find(request->stream_id);
        if (found == lanes_.end()) return nullptr;
        const LanePtr of = found->second;
        lanes_.erase(found);
        std::erase_if(cursors_,
                      [&](const auto& each) { return each.second == request->stream_id; });
        return of;
    }
    return nullptr;
}

ws::ResponseBody Conversation::answer_at_once(const ws::RequestBody& body) {
    if (const auto* request = std::get_if<ws::OpenStream>(&body)) {
        return open_stream(request->stream_id);
    }
    if (const auto* request = std::get_if<ws::StoreSql>(&body)) {
        stored_.store(request->sql_id, request->sql, shared_.limits);
        return hrana::StoreSqlResp{};
    }
    if (const auto* request = std::get_if<ws::CloseSql>(&body)) {
        stored_.forget(request->sql_id);
        return hrana::CloseSqlResp{};
    }
    if (std::holds_alternative<ws::CloseCursor>(body)) return ws::CloseCursorResp{};
    return ws::CloseStreamResp{};
}

ws::ResponseBody Conversation::open_stream(std::int32_t id) {
    if (lanes_.contains(id)) refuse("Stream " + std::to_string(id) + " is open already");
    if (lanes_.size() >= shared_.limits.streams_per_socket) {
        throw Fault("STREAM_LIMIT", "Too many streams are open: the limit is " +
                                        std::to_string(shared_.limits.streams_per_socket));
    }
    lanes_[id] = std::make_shared<Lane>(std::make_shared<Stream>(database_, caller_));
    return ws::OpenStreamResp{};
}

// ---- The lanes
// -----------------------------------------------------------------------------------

void Conversation::enqueue(const LanePtr& lane, ws::Request request) {
    {
        const std::lock_guard lock(mutex_);
        lane->requests.push_back(std::move(request));
        ++waiting_requests_;
        if (std::exchange(lane->running, true)) return;
        ++running_;
    }
    // Not under the lock: where the next loop is this thread's own, it begins at once.
    asio::co_spawn(shared_.threads.next().get_executor(), run_lane(lane), asio::detached);
}

Task<> Conversation::run_lane(LanePtr lane) {
    while (true) {
        ws::Request request;
        {
            const std::lock_guard lock(mutex_);
            if (lane->requests.empty() || broken_) {
                lane->running = false;
                break;
            }
            request = std::move(lane->requests.front());
            lane->requests.pop_front();
        }
        const ws::ServerMsg message = co_await answer(*lane->stream, request);
        send(message);
        const std::lock_guard lock(mutex_);
        --waiting_requests_;
        changed_.set();
    }
    lane.reset();  // a stream that was closed ends here, before nobody waits for it any more
    done_with_one();
}

void Conversation::done_with_one() {
    const std::lock_guard lock(mutex_);
    --running_;
    changed_.set();
}

Task<ws::ServerMsg> Conversation::answer(Stream& stream, const ws::Request& request) {
    try {
        const Stream::Claim claim = co_await stream.claim();
        ws::ResponseOk response{request.request_id, ws::CloseStreamResp{}};
        response.body = co_await handle(stream, request.body);
        co_return response;
    } catch (const Fault& fault) {
        ++shared_.metrics.statement_errors;
        co_return ws::ResponseError{request.request_id, fault.error};
    } catch (const HttpFault& fault) {
        co_return ws::ResponseError{request.request_id, fault.error};
    } catch (const std::exception& what) {
        shared_.log.error("websocket request failed", {{"error", what.what()}});
        co_return ws::ResponseError{request.request_id,
                                    {"The server failed; its log says how", "INTERNAL", {}}};
    }
}

Task<ws::ResponseBody> Conversation::handle(Stream& stream, const ws::RequestBody& body) {
    Budget budget(shared_.limits);
    if (const auto* request = std::get_if<ws::Execute>(&body)) {
        hrana::ExecuteResp response;
        response.result = co_await stream.execute(request->stmt, budget);
        co_return response;
    }
    if (const auto* request = std::get_if<ws::RunBatch>(&body)) {
        hrana::BatchResp response;
        response.result = co_await stream.batch(request->batch, budget);
        co_return response;
    }
    if (const auto* request = std::get_if<ws::Sequence>(&body)) {
        co_await stream.sequence(request->sql, budget);
        co_return hrana::SequenceResp{};
    }
    if (const auto* request = std::get_if<ws::Describe>(&body)) {
        co_return hrana::DescribeResp{stream.describe(request->sql)};
    }
    if (std::holds_alternative<ws::GetAutocommit>(body)) {
        co_return hrana::GetAutocommitResp{stream.autocommit()};
    }
    if (const auto* request = std::get_if<ws::OpenCursor>(&body)) {
        stream.open_cursor(request->batch);
        co_return ws::OpenCursorResp{};
    }
    if (const auto* request = std::get_if<ws::FetchCursor>(&body)) {
        if (!stream.cursor()) {
            throw Fault("CURSOR_NOT_OPEN", "The cursor was idle for too long and has been closed");
        }
        ws::FetchCursorResp answer;
        co_await stream.cursor()->fetch(answer.entries, request->max_count, fetched_bytes);
        answer.done = stream.cursor()->done();
        co_return answer;
    }
    stream.close_cursor();
    if (std::holds_alternative<ws::CloseCursor>(body)) co_return ws::CloseCursorResp{};
    co_await stream.handle(hrana::CloseReq{}, budget);
    co_return ws::CloseStreamResp{};
}

// ---- The sender
// ----------------------------------------------------------------------------------

void Conversation::send(const ws::ServerMsg& message) {
    std::string text;
    if (protocol_.protobuf) {
        hrana::protobuf::write(text, message);
    } else {
        hrana::json::write(text, message);
    }
    {
        const std::lock_guard lock(mutex_);
        outgoing_bytes_ += text.size();
        outgoing_.push_back(std::move(text));
        if (std::exchange(sending_, true)) return;
        ++running_;
    }
    // Not under the lock, as in enqueue().
    asio::co_spawn(shared_.threads.next().get_executor(), send_all(), asio::detached);
}

Task<> Conversation::send_all() {
    const auto kind = protocol_.protobuf ? WebSocket::Kind::binary : WebSocket::Kind::text;
    while (true) {
        std::string message;
        {
            const std::lock_guard lock(mutex_);
            if (outgoing_.empty() || broken_) {
                sending_ = false;
                break;
            }
            message = std::move(outgoing_.front());
            outgoing_.pop_front();
        }
        const bool reached = co_await socket_.write(message, kind);
        const std::lock_guard lock(mutex_);
        outgoing_bytes_ -= message.size();
        broken_ = broken_ || !reached;
        changed_.set();
    }
    done_with_one();
}

}  // namespace tidemark::server
