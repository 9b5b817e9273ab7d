#pragma once

#include <functional>
#include <string>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/report.hpp>

namespace examples {

/// Seconds from one look for news to the next.
inline constexpr std::int64_t sync_interval_s = 30;

/// Keeps the database of a command that ends at once in step, without making its user wait for the
/// network: the exchange happens in a process of its own.
struct BackgroundSync {
    std::string replica;                 ///< the database
    std::string turn;                    ///< a file that names the process that syncs now
    std::vector<std::string> arguments;  ///< what makes this program call run()

    /// Before a command reads: where the last exchange began 30 s ago or longer, begins one. A
    /// network that is there answers within the quarter of a second that this waits; one that is
    /// not costs no more than that.
    void freshen() const;
    /// After a command wrote.
    void send() const;

    struct Outcomes {
        std::function<void(const tidemark::SyncReport&)> worked;
        std::function<void(const tidemark::Error&)> failed;
    };
    /// The process of its own: exchanges until nothing waits to be sent, and while the primary
    /// cannot be reached waits for it. One of them at a time; ends after an hour. `token` is for
    /// the primary's server.
    void run(const std::string& token, const Outcomes& outcomes) const;
};

}  // namespace examples
