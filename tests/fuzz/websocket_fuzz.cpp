// Whatever messages come over a WebSocket, a line each, the conversation goes on or ends, in JSON
// and in protobuf.

#include "fuzz/fuzz.hpp"
#include "fuzz/served.hpp"
#include "server/request.hpp"

namespace tidemark::fuzz {

void fuzz_websocket(std::string_view bytes) {
    static Served served;
    const server::Request request;
    for (const auto& [protocol, kind] :
         {std::pair("hrana3", server::WebSocket::Kind::text),
          std::pair("hrana3-protobuf", server::WebSocket::Kind::binary)}) {
        Lines socket(bytes, kind);
        served.run(served.service.serve(socket, protocol, request));
    }
}

}  // namespace tidemark::fuzz

TIDEMARK_FUZZ(tidemark::fuzz::fuzz_websocket)
