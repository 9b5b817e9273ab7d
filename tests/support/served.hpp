#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

namespace tidemark {

/// An answer, as it came.
struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;

    boost::json::value json() const { return boost::json::parse(body); }
};

/// One connection to a server, which does exactly what a test says. Throws where nothing comes for
/// ten seconds.
class HttpClient {
public:
    explicit HttpClient(std::uint16_t port);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    using Headers = std::vector<std::string>;  ///< "name: value"
    HttpAnswer get(const std::string& path, const Headers& headers = {});
    HttpAnswer post(const std::string& path, const std::string& body, const Headers& headers = {});
    HttpAnswer request(const std::string& method, const std::string& path, const std::string& body,
                       const Headers& headers);

    void send(std::string_view bytes);
    /// A whole request, whose answer is not waited for.
    void send_post(const std::string& path, const std::string& body, const Headers& headers = {});
    HttpAnswer answer(bool with_body = true);
    /// The next bytes, whatever they are. Throws at the end.
    std::string some();
    /// What comes until the other side ends; empty also where it was cut.
    std::string rest();
    /// Whether the other side ends within this time.
    bool ends_within(int ms);

private:
    bool receive();

    int socket_;
    std::string input_;
};

/// A WebSocket that speaks JSON, made by hand on an HttpClient.
class SocketClient {
public:
    SocketClient(std::uint16_t port, const std::string& protocols,
                 const HttpClient::Headers& headers = {});

    const HttpAnswer& handshake() const { return handshake_; }
    void send(const std::string& text, int opcode = 1);
    boost::json::object receive();
    /// The next binary message.
    std::string receive_bytes();
    /// The code of the close frame that comes next.
    int close_code();
    /// Whether the other side ends within this time.
    bool ends_within(int ms) { return client_.ends_within(ms); }
    boost::json::object ask(const std::string& text) {
        send(text);
        return receive();
    }

private:
    struct Frame {
        int opcode = 0;
        std::string payload;
    };
    Frame frame();

    HttpClient client_;
    HttpAnswer handshake_;
    std::string input_;
};

/// `tidemark serve`, started by a test, at a port of its own. Killed at the end of the scope.
class Served {
public:
    /// Waits until it listens. Throws where it does not.
    explicit Served(const std::string& path, std::vector<std::string> options = {},
                    std::vector<std::string> environment = {});
    ~Served();
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;

    std::uint16_t port() const { return port_; }
    std::uint16_t admin_port() const { return admin_port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    pid_t pid() const { return pid_; }

    /// Ends it by SIGTERM; its exit code.
    int stop();
    /// Has it read its TLS files again.
    void reload() const;
    void kill();
    /// What it has logged so far.
    std::string log() const;

    /// One pipeline with these statements on a connection of its own; its results.
    boost::json::array run(const std::vector<std::string>& sql,
                           const HttpClient::Headers& headers = {}) const;
    /// The value in the first row of one statement, as text; "error CODE" where it failed.
    std::string value(const std::string& sql, const HttpClient::Headers& headers = {}) const;

private:
    int wait();

    pid_t pid_ = -1;
    int log_ = -1;
    std::uint16_t port_ = 0;
    std::uint16_t admin_port_ = 0;
};

/// The request body of one execute.
std::string execute_body(const std::string& sql, const std::string& baton = {});

}  // namespace tidemark
