#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/options.hpp"

namespace tidemark::server {

/// `tidemark serve`: databases behind Hrana. Use it from one thread.
class Server {
public:
    /// Opens the databases and binds the addresses; nobody is answered yet. Throws Error for
    /// whatever of the options cannot be.
    explicit Server(const Options& options);
    /// Stops it.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Where it listens, as URLs; `admin` is empty where there is no such listener.
    struct Addresses {
        std::string url;
        std::string admin;
    };
    Addresses addresses() const;
    std::vector<std::string> databases() const;
    /// What a person should know about how it runs.
    const std::vector<std::string>& warnings() const;

    void start();
    /// Lets what is under way end, within the limit for that, writes the logs into the files, and
    /// closes them.
    void stop();
    /// Reads the TLS files again, after they have been renewed.
    void reload();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Throws Error where the options are no good. Opens nothing but the files that they name.
void check(const Options& options);

}  // namespace tidemark::server
