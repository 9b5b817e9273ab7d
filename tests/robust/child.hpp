#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tidemark::robust {

/// How a process ended.
struct Ending {
    int exit_code = -1;  ///< -1: by a signal
    int signal = 0;
    std::int64_t peak_kib = 0;  ///< the most memory that it held
    std::int64_t ms = 0;
    std::string output;  ///< stdout and stderr together

    bool killed() const { return signal != 0; }
};

/// A process that a test started. It is killed and waited for at the end of the scope.
class Child {
public:
    /// The tidemark command. With `file_bytes`, no file may grow past that size.
    static Child command(const std::vector<std::string>& arguments, std::int64_t file_bytes = 0);
    /// A fork of the test that runs `job`; it exits with 0, or with 1 and the message of what the
    /// job threw. No connection may be open in the test meanwhile to a file that the job opens:
    /// SQLite takes both for one process.
    static Child work(const std::function<void()>& job);

    Child(Child&&) noexcept;
    Child& operator=(Child&&) = delete;
    ~Child();

    pid_t pid() const { return pid_; }
    void send(int signal);
    /// Lets it run for that long, then sends SIGKILL.
    Ending kill_after(std::chrono::microseconds time);
    Ending wait();

private:
    Child(pid_t pid, std::FILE* output) : pid_(pid), output_(output, &std::fclose) {}

    pid_t pid_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> output_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

/// Runs the command to its end.
Ending run_command(const std::vector<std::string>& arguments, std::int64_t file_bytes = 0);

}  // namespace tidemark::robust
