#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "hrana/ws_protocol.hpp"
#include "server/event.hpp"
#include "server/peer.hpp"
#include "server/shared.hpp"
#include "server/stream.hpp"

namespace tidemark::server {

/// A version of Hrana over WebSocket, by the name of its subprotocol.
struct Subprotocol {
    std::string_view name;
    int version;
    bool protobuf;

    /// The best of those in a Sec-WebSocket-Protocol header; null where none is known.
    static const Subprotocol* choose(std::string_view offered);
    /// Of whoever names none.
    static const Subprotocol& oldest();
};

/// One WebSocket: reads its requests, runs those of each stream one after the other and those of
/// different streams side by side, and sends the answers. Whoever sends more than it reads waits.
class Conversation {
public:
    /// Whom a token lets in where. Throws Fault or HttpFault.
    using Admit = std::function<std::pair<std::shared_ptr<Database>, Caller>(std::string_view)>;

    Conversation(WebSocket& socket, const Subprotocol& protocol, const Shared& shared, Admit admit);

    /// Until either side ends it. Nothing of it is under way any more then.
    Task<> run();

private:
    /// A stream and what it still has to do.
    struct Lane {
        explicit Lane(std::shared_ptr<Stream> of) : stream(std::move(of)) {}
        std::shared_ptr<Stream> stream;
        bool has_cursor = false;                  ///< as far as the requests have been read
        std::deque<hrana::ws::Request> requests;  ///< under mutex_, as running
        bool running = false;
    };
    using LanePtr = std::shared_ptr<Lane>;

    // ---- The reader
    Task<> read_all();
    Task<bool> wait_for_room();
    void take(const hrana::ws::ClientMsg& message);
    hrana::ws::ServerMsg greet(const hrana::ws::Hello& hello);
    void take_request(hrana::ws::Request request);
    hrana::ws::ResponseBody answer_at_once(const hrana::ws::RequestBody& body);
    hrana::ws::ResponseBody open_stream(std::int32_t id);
    LanePtr lane_for(const hrana::ws::RequestBody& body);
    LanePtr lane(std::int32_t stream_id) const;
    LanePtr lane_of_cursor(std::int32_t cursor_id) const;
    void resolve(hrana::ws::RequestBody& body) const;
    void require_version(const hrana::ws::RequestBody& body) const;

    // ---- The lanes
    void enqueue(const LanePtr& lane, hrana::ws::Request request);
    Task<> run_lane(LanePtr lane);
    Task<hrana::ws::ServerMsg> answer(Stream& stream, const hrana::ws::Request& request);
    Task<hrana::ws::ResponseBody> handle(Stream& stream, const hrana::ws::RequestBody& body);

    // ---- The sender
    void send(const hrana::ws::ServerMsg& message);
    Task<> send_all();
    void done_with_one();

    WebSocket& socket_;
    const Subprotocol& protocol_;
    Shared shared_;
    Admit admit_;

    // Of the reader alone.
    std::shared_ptr<Database> database_;  ///< once a hello was accepted
    Caller caller_;
    StoredSql stored_;
    std::map<std::int32_t, LanePtr> lanes_;
    std::map<std::int32_t, std::int32_t> cursors_;  ///< the stream of each

    std::mutex mutex_;
    std::deque<std::string> outgoing_;
    std::size_t outgoing_bytes_ = 0;
    std::size_t waiting_requests_ = 0;
    std::size_t running_ = 0;  ///< lanes and the sender
    bool sending_ = false;
    bool broken_ = false;  ///< the peer can no longer be reached
    Event changed_;        ///< for the reader: there may be room, or everything has ended
};

}  // namespace tidemark::server
