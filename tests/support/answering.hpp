#pragma once

#include <cstdint>
#include <string>
#include <thread>

namespace tidemark {

/// A server that is none: it answers every request on a port of its own with the same bytes, and
/// closes.
class Answering {
public:
    explicit Answering(std::string reply);
    ~Answering();
    Answering(const Answering&) = delete;
    Answering& operator=(const Answering&) = delete;

    std::string place() const { return "127.0.0.1:" + std::to_string(port_); }

private:
    void serve();

    std::string reply_;
    int socket_ = -1;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// A response of that kind, such as http("200 OK", "text/html", "<html>").
std::string http(const std::string& status, const std::string& type, const std::string& body);

/// A port where a server listens and takes no one in: with `full`, connections to it are dropped on
/// the way; otherwise they are made, and then there is silence.
class Unanswering {
public:
    explicit Unanswering(bool full);
    ~Unanswering();
    Unanswering(const Unanswering&) = delete;
    Unanswering& operator=(const Unanswering&) = delete;

    std::string place() const { return "127.0.0.1:" + std::to_string(port_); }

private:
    int socket_ = -1;
    int waiting_[4] = {-1, -1, -1, -1};
    std::uint16_t port_ = 0;
};

}  // namespace tidemark
