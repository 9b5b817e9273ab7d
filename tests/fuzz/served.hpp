#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "server/access.hpp"
#include "server/databases.hpp"
#include "server/deadlines.hpp"
#include "server/peer.hpp"
#include "server/service.hpp"
#include "server/shared.hpp"
#include "server/streams.hpp"
#include "support/temp_folder.hpp"

namespace tidemark::fuzz {

/// Limits that keep one input short, whatever SQL it comes upon.
inline server::Limits short_limits() {
    server::Limits limits;
    limits.statement_ms = 200;
    limits.busy_ms = 200;
    limits.response_rows = 1'000;
    limits.response_bytes = 100'000;
    return limits;
}

/// A whole server but for its sockets.
class Served {
public:
    Served() {
        threads.start();
        sweeper = std::thread([this] {
            for (; !stopping; std::this_thread::sleep_for(std::chrono::milliseconds(50))) {
                streams.sweep();
                databases.sweep();
            }
        });
    }
    ~Served() {
        stopping = true;
        sweeper.join();
        streams.clear();
        threads.stop();
        databases.close();
    }

    /// Runs `task` to its end in one of the server's threads.
    void run(server::Task<> task) {
        boost::asio::co_spawn(threads.first().get_executor(), std::move(task),
                              boost::asio::use_future)
            .get();
    }

    TempFolder folder;
    server::Limits limits = short_limits();
    server::Log log{server::Log::Level::error, false};
    server::Metrics metrics;
    server::Threads threads{1};
    server::Shared shared{threads, limits, metrics, log};
    server::Access access{"", false};
    server::Databases databases{folder / "data.db", "", shared};
    server::Streams streams{limits};
    server::Service service{databases, streams, access, shared, false};
    server::Deadlines deadlines;
    std::atomic<bool> stopping{false};
    std::thread sweeper;
};

/// A WebSocket from which a text is read, a line for each message.
class Lines final : public server::WebSocket {
public:
    Lines(std::string_view text, Kind kind) : rest_(text), kind_(kind) {}

    server::Task<Kind> read(std::string& message) override {
        if (rest_.empty()) co_return Kind::closed;
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        message.assign(rest_.substr(0, end));
        rest_.remove_prefix(std::min(rest_.size(), end + 1));
        co_return kind_;
    }
    server::Task<bool> write(std::string_view, Kind) override { co_return true; }
    server::Task<> close(int, std::string_view) override { co_return; }

private:
    std::string_view rest_;
    Kind kind_;
};

/// A peer that sends a text, in pieces, and goes.
class Sender final : public server::Peer {
public:
    Sender(std::string_view text, server::Deadlines& deadlines) : rest_(text) {
        deadline_ = std::make_unique<server::Deadlines::Watch>(deadlines, -1);
    }

    server::Task<bool> begin() override { co_return true; }
    server::Task<std::size_t> read(char* into, std::size_t size) override {
        constexpr std::size_t piece = 100;
        const std::size_t count = rest_.copy(into, std::min(size, piece));
        rest_.remove_prefix(count);
        co_return count;
    }
    server::Task<bool> write(std::string_view head, std::string_view) override {
        if (!answered_ && !head.starts_with("HTTP/1.")) std::abort();
        answered_ = true;
        co_return true;
    }
    server::Task<> close() override { co_return; }
    server::Task<std::unique_ptr<server::WebSocket>> upgrade(std::string,
                                                             std::string_view) override {
        co_return std::make_unique<Lines>(rest_, server::WebSocket::Kind::text);
    }

private:
    std::string_view rest_;
    bool answered_ = false;
};

}  // namespace tidemark::fuzz
