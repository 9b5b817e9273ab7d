#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tidemark {

/// Stands between devices and a server on this machine, and treats each request as a test says.
class Relay {
public:
    enum class Fate {
        pass,
        lose,         ///< the connection ends before the server has the request
        lose_answer,  ///< the server does it, and the connection ends
        cut_answer,   ///< the same in the middle of the answer
        busy,         ///< 503: try again in a second
        refuse,       ///< 401
        ignore,       ///< taken, and never answered
        plain,        ///< passed only in plain JSON, and its answer says nothing of the server
    };
    /// Of a request, by its number.
    using Treatment = std::function<Fate(int request)>;

    explicit Relay(std::uint16_t server);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    /// From now on; requests are counted from 0 again. It is called from any thread.
    void treat(Treatment treatment);
    /// Requests since the last treat().
    int requests() const;
    /// Their heads, and how long their bodies were together.
    std::vector<std::string> heads() const;
    std::size_t body_bytes() const;

    std::string place() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string url() const { return "http://" + place(); }

private:
    struct Line {
        int socket;
        std::thread thread;
    };

    void accept();
    void serve(int socket);
    /// False where the connection has to end.
    bool pass_on(int socket, const std::string& request);
    Fate next(const std::string& request);

    const std::uint16_t server_;
    int socket_ = -1;
    int port_ = 0;
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    Treatment treatment_;
    std::vector<std::string> heads_;
    std::size_t body_bytes_ = 0;
    std::list<Line> lines_;
    std::thread thread_;
};

}  // namespace tidemark
