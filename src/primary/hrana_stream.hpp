#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "hrana/protocol.hpp"
#include "net/client.hpp"
#include "net/url.hpp"
#include "primary/hrana_form.hpp"

namespace tidemark {

/// A line to a Hrana server over HTTP: batches go in, results come out, and what is open at the
/// server between two of them is found again by its baton.
///
/// Borrows what it is connected by. Use it from one thread at a time.
class HranaStream {
public:
    struct Connected {
        net::HttpTransport& transport;
        Clock& clock;
        Rng& rng;
        KnownForms& forms;
    };
    using Headers = std::vector<std::pair<std::string, std::string>>;
    using Outcome = std::variant<hrana::BatchResult, hrana::ProtocolError>;

    /// Whose transactions a server keeps apart.
    enum class Kind {
        tidemark,   ///< each stream's, and it is `tidemark serve`
        isolating,  ///< each stream's
        sharing,    ///< nobody's: all clients share one connection
    };

    HranaStream(net::Url url, std::string token, const Connected& connected);

    /// The batch's result, or the error of the batch as a whole, of which nothing ran then.
    /// `continues`: the server has a transaction of ours open. `repeatable`: it may be sent twice.
    /// Throws Error, and TransportFailure where the answer is too large.
    Outcome run(const hrana::Batch& batch, const Headers& headers, bool continues, bool repeatable);

    /// Asks the server with the first call.
    Kind kind();

    /// Whether infinite numbers come through both ways. Asks the server where nothing is known.
    bool carries_infinity();
    /// Asks it, and whether they do from now on while they did not before.
    bool gains_infinity() { return form_.is_open() && carries_infinity(); }

    /// GET. Any status is a response.
    net::HttpResponse get(const std::string& resource, std::int64_t timeout_ms,
                          const std::atomic<bool>& cancelled);

    /// The server as it may be shown.
    const std::string& shown() const { return shown_; }

private:
    net::HttpRequest request(const std::string& resource) const;
    net::HttpRequest message(const hrana::PipelineReq& pipeline, const Headers& headers);
    net::HttpResponse post(const hrana::PipelineReq& pipeline, const Headers& headers,
                           bool continues, bool repeatable);
    void ask_form();
    hrana::PipelineResp read(const net::HttpResponse& response) const;
    [[noreturn]] void fail(const net::HttpResponse& response) const;
    void notice(const net::HttpResponse& response);

    net::Url url_;
    std::string shown_;
    std::string token_;
    Clock& clock_;
    net::HttpTransport& transport_;
    net::HttpClient client_;

    KnownForms& forms_;
    HranaForm form_;
    bool large_answers_ = false;  ///< so that it is worth asking for a better form
    std::optional<Kind> kind_;
    std::optional<std::string> baton_;
    std::string base_url_;          ///< where the server wants the stream to go on; empty: the URL
    std::int64_t baton_at_ms_ = 0;  ///< when the baton was given
};

}  // namespace tidemark
