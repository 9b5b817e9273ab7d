#pragma once

#include <sys/types.h>

#include <string>

namespace examples {

/// A `tidemark serve` for one database, on a free port of this machine, that asks for tokens. It
/// ends with this object.
class Server {
public:
    /// Its key and its database are made in `folder`.
    explicit Server(const std::string& folder);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    const std::string& url() const { return url_; }
    /// A token that it takes.
    const std::string& token() const { return token_; }
    std::string database() const { return folder_ + "/served.db"; }

    /// Nobody listens any more, until start(), at the same place.
    void stop();
    void start();

private:
    std::string folder_;
    std::string token_;
    std::string url_;
    std::string listen_ = "127.0.0.1:0";
    pid_t process_ = -1;
};

}  // namespace examples
