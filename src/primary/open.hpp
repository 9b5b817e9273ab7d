#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "primary/endpoint.hpp"
#include "primary/hrana_endpoint.hpp"
#include "primary/locate.hpp"

namespace tidemark {

/// How servers are reached.
struct Access {
    /// The token for the primary at a URL; empty, or nothing returned: what the environment or the
    /// credentials file has.
    std::function<std::string(const std::string& url)> token;
    Clock& clock;
    Rng& rng;
    BatchSize batch = {};
};

/// Throws Error{usage} for a size of a batch that makes no sense, and Error{unreachable} where the
/// primary is a file that is not there, and `create` is false.
/// A server is asked nothing yet. `triggers_writing` as in HranaEndpoint.
std::unique_ptr<SqlEndpoint> open_primary(const Location& location, bool create,
                                          const Access& access,
                                          HranaEndpoint::TriggersWriting triggers_writing);

}  // namespace tidemark
