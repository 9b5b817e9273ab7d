#pragma once

#include "shark/cloud.hpp"
#include "shark/places.hpp"

namespace shark {

/// Seconds from one sync to the next.
inline constexpr std::int64_t sync_interval_s = 30;

/// Keeps a command's database in step without making the user wait for the network: the exchange
/// happens in a process of its own. Nothing happens where shark is not connected, or where
/// SHARK_BACKGROUND_SYNC=off.
class Background {
public:
    explicit Background(const Places& places) : places_(places) {}

    /// Before a command reads: where the last exchange is 30 s old, begins one. A network that is
    /// there answers within the moment that this waits; one that is not costs no more than that.
    void freshen() const;
    /// After a command wrote.
    void send() const;

    /// The process of its own: exchanges until nothing waits to be sent, and while the cloud cannot
    /// be reached waits for it. One of them at a time; ends after an hour.
    static void run(const Places& places);

private:
    bool wanted() const;

    const Places& places_;
};

}  // namespace shark
