#include "net/client.hpp"

#include <algorithm>
#include <iterator>

#include "base/tuning.hpp"
#include "net/failure.hpp"

namespace tidemark::net {
namespace {

using Kind = TransportFailure::Kind;

bool can_be_cured(const TransportFailure& failure) {
    return failure.kind() != Kind::tls && failure.kind() != Kind::too_large &&
           failure.kind() != Kind::not_http;
}

/// 502 to 504 come from what stands before the server, or from the server while it starts.
bool is_busy(const HttpResponse& response) {
    return response.status == 429 || (response.status >= 502 && response.status <= 504);
}

}  // namespace

bool HttpClient::wait(const HttpRequest& request, std::int64_t tries, std::int64_t started_ms,
                      std::int64_t asked_ms) {
    if (tries >= request.retries) return false;
    const std::size_t last = std::size(tuning::retry_pauses_ms) - 1;
    const std::int64_t pause =
        tuning::retry_pauses_ms[std::min(static_cast<std::size_t>(tries), last)];
    const auto spread = static_cast<std::uint64_t>(pause / 2);
    const std::int64_t jittered =
        pause - pause / 4 + static_cast<std::int64_t>(rng_.next() % (spread + 1));
    const std::int64_t wait_ms = std::max(jittered, asked_ms);
    const std::int64_t spent_ms = clock_.steady_ms() - started_ms;
    if (spent_ms + wait_ms + request.timeouts.connect_ms > request.patience_ms) return false;
    clock_.sleep_ms(wait_ms);
    transport_.note_retry();
    return true;
}

HttpResponse HttpClient::send(const HttpRequest& request, const std::string& place,
                              bool repeatable) {
    const std::int64_t started_ms = clock_.steady_ms();
    for (std::int64_t tries = 0;; ++tries) {
        try {
            HttpResponse response = transport_.send(request);
            // A server that limits its callers has not begun; one that broke down may have.
            const bool again = is_busy(response) && (repeatable || response.status == 429);
            const std::int64_t asked_ms = retry_after_ms(response, clock_.now_ms()).value_or(0);
            if (!again || !wait(request, tries, started_ms, asked_ms)) return response;
        } catch (const TransportFailure& failure) {
            const bool cancelled = request.cancelled && *request.cancelled;
            const bool again =
                !cancelled && can_be_cured(failure) && (repeatable || !failure.may_have_arrived());
            if (!again || !wait(request, tries, started_ms, 0)) throw error_of(failure, place);
        }
    }
}

}  // namespace tidemark::net
