#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "primary/file_endpoint.hpp"
#include "sim/machine.hpp"

namespace tidemark::sim {

/// Connections to the primary's file that wait for the next caller, as a server keeps them.
class EndpointPool {
public:
    EndpointPool(Machine& machine, std::string path) : machine_(machine), path_(std::move(path)) {}

    std::unique_ptr<FileEndpoint> take();
    /// `start` is the machine's start at which it was taken.
    void give_back(std::unique_ptr<FileEndpoint> endpoint, int start);

    Machine& machine() { return machine_; }
    const std::string& path() const { return path_; }

private:
    Machine& machine_;
    std::string path_;
    int start_ = 0;
    std::vector<std::unique_ptr<FileEndpoint>> idle_;
};

/// A primary behind a bad line. Requests come late, get lost on the way there, arrive in part or
/// twice; answers get lost on the way back; the primary's machine may go down; and while a request
/// is on its way others use the primary.
class FaultyEndpoint final : public SqlEndpoint {
public:
    struct Line {
        int percent = 0;                  ///< of the requests that meet a fault
        std::function<void()> meanwhile;  ///< happens before and after each request; may be empty
    };

    FaultyEndpoint(EndpointPool& pool, SeededRng& rng) : pool_(pool), rng_(rng) {}

    /// For one sync. Throws Error where the primary's file cannot be opened.
    void connect(Line line);
    void disconnect();

    Answer run(const std::vector<Step>& steps) override;
    void quiet(const std::vector<std::string>& tables) override;
    std::string name() const override { return pool_.path(); }

private:
    Answer deliver(const std::vector<Step>& steps);
    [[noreturn]] void lose(const char* what);
    void require_alive();

    EndpointPool& pool_;
    SeededRng& rng_;
    std::unique_ptr<FileEndpoint> file_;
    int start_ = 0;
    Line line_;
};

}  // namespace tidemark::sim
