// Whatever arrives as protobuf is a message or Malformed; what was read and is written again reads
// the same.

#include "fuzz/fuzz.hpp"
#include "hrana/protobuf.hpp"

namespace tidemark::hrana {
namespace {

template <typename Message>
void check(std::string_view bytes, Message (*read)(std::string_view)) {
    fuzz::check_round_trip(bytes, read, [](std::string& out, const Message& message) {
        protobuf::write(out, message);
    });
}

/// Heads and entries are written with their length before them.
template <typename Message>
void check_delimited(std::string_view bytes, Message (*read)(std::string_view)) {
    const std::optional<Message> message = fuzz::read(bytes, read);
    if (!message) return;
    std::string once;
    protobuf::write(once, *message);
    std::string_view rest = once;
    std::string_view cut;
    if (!protobuf::next_message(rest, cut) || !rest.empty()) std::abort();
    std::string twice;
    protobuf::write(twice, read(cut));
    if (once != twice) std::abort();
}

void cut_apart(std::string_view bytes) {
    std::string_view message;
    try {
        while (protobuf::next_message(bytes, message)) {
            fuzz::read(message, protobuf::read_cursor_entry);
        }
    } catch (const Malformed&) {
        // A length that no message has.
    }
}

}  // namespace

void fuzz_one(std::string_view bytes) {
    check<PipelineReq>(bytes, protobuf::read_pipeline_req);
    check<CursorReq>(bytes, protobuf::read_cursor_req);
    check<PipelineResp>(bytes, protobuf::read_pipeline_resp);
    check<ws::ClientMsg>(bytes, protobuf::read_client_msg);
    check<ws::ServerMsg>(bytes, protobuf::read_server_msg);
    check_delimited<CursorHead>(bytes, protobuf::read_cursor_head);
    check_delimited<CursorEntry>(bytes, protobuf::read_cursor_entry);
    cut_apart(bytes);
}

}  // namespace tidemark::hrana

TIDEMARK_FUZZ(tidemark::hrana::fuzz_one)
