// Whatever a peer sends, the server answers in HTTP or ends the connection, and goes on.

#include "fuzz/fuzz.hpp"
#include "fuzz/served.hpp"
#include "server/http_session.hpp"

namespace tidemark::fuzz {

void fuzz_http(std::string_view bytes) {
    static Served served;
    served.run(server::serve_http(std::make_unique<Sender>(bytes, served.deadlines), served.service,
                                  served.limits, served.stopping));
}

}  // namespace tidemark::fuzz

TIDEMARK_FUZZ(tidemark::fuzz::fuzz_http)
