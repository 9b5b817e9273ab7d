#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "hrana/protocol.hpp"
#include "server/limits.hpp"

namespace tidemark::server {

/// SQL texts that a client has sent once to name them by a number: of one HTTP stream, or of a
/// WebSocket with all its streams.
class StoredSql {
public:
    /// Throws HttpFault where the number is taken, Fault where there are too many or it is too
    /// long.
    void store(std::int32_t id, std::string sql, const Limits& limits);
    void forget(std::int32_t id) { texts_.erase(id); }
    /// The text that is meant. Throws HttpFault where there is none, or two.
    std::string_view text(const hrana::SqlRef& reference) const;

    bool empty() const { return texts_.empty(); }

private:
    std::unordered_map<std::int32_t, std::string> texts_;
};

}  // namespace tidemark::server
