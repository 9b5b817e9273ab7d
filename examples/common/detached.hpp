#pragma once

#include <string>
#include <vector>

namespace examples {

/// This program, started once more to do something in the background: in a session of its own,
/// without a terminal, so that it goes on when this one has ended. Destroying the object leaves it
/// running.
class Detached {
public:
    explicit Detached(const std::vector<std::string>& arguments);
    ~Detached();
    Detached(const Detached&) = delete;
    Detached& operator=(const Detached&) = delete;

    /// Waits until it has ended or says that it is no longer worth waiting for (by release()), but
    /// no longer than this.
    void wait(int timeout_ms) const;

    /// Called in the background program: whoever waits for it goes on.
    static void release();

private:
    int ends_ = -1;  ///< a pipe that the background program holds open
};

}  // namespace examples
