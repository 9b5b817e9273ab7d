#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "net/http.hpp"

namespace tidemark::net {

/// Sends requests until they are answered, as long as trying again can help.
///
/// Tried again: a server that cannot be reached, and one that says it is busy (429, 502 to 504), as
/// its Retry-After says. Where the request may have arrived, only if it is `repeatable`. Never: a
/// refusal (401, 404, …) and a connection that is not safe.
///
/// Borrows what it is given. Use it from one thread at a time.
class HttpClient {
public:
    HttpClient(HttpTransport& transport, Clock& clock, Rng& rng)
        : transport_(transport), clock_(clock), rng_(rng) {}

    /// The first response that is no reason to try again. Throws Error where there is none; `place`
    /// is the server as it may be shown.
    HttpResponse send(const HttpRequest& request, const std::string& place, bool repeatable);

private:
    /// Waits for the next try; false where there is none left.
    bool wait(const HttpRequest& request, std::int64_t tries, std::int64_t started_ms,
              std::int64_t asked_ms);

    HttpTransport& transport_;
    Clock& clock_;
    Rng& rng_;
};

}  // namespace tidemark::net
