#include "robust/child.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

namespace tidemark::robust {
namespace {

std::string all_of(std::FILE* file) {
    std::string text;
    std::rewind(file);
    char buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;)
        text.append(buffer, n);
    return text;
}

/// Forks; the child's output goes to the file, and `main` decides how it exits.
std::pair<pid_t, std::FILE*> fork_to(const std::function<int()>& main) {
    std::FILE* output = std::tmpfile();
    if (!output) throw std::runtime_error("no temporary file for a child's output");
    std::fflush(nullptr);
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error("fork failed");
    if (pid == 0) {
        dup2(fileno(output), STDOUT_FILENO);
        dup2(fileno(output), STDERR_FILENO);
        const int code = main();
        std::fflush(nullptr);
        _exit(code);
    }
    return {pid, output};
}

}  // namespace

Child Child::command(const std::vector<std::string>& arguments, std::int64_t file_bytes) {
    std::vector<std::string> words{TIDEMARK_COMMAND};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const auto [pid, output] = fork_to([&] {
        if (file_bytes > 0) {
            const rlimit limit{static_cast<rlim_t>(file_bytes), static_cast<rlim_t>(file_bytes)};
            setrlimit(RLIMIT_FSIZE, &limit);
            std::signal(SIGXFSZ, SIG_IGN);  // the write fails instead
        }
        execv(argv[0], argv.data());
        std::perror(argv[0]);
        return 127;
    });
    return {pid, output};
}

Child Child::work(const std::function<void()>& job) {
    const auto [pid, output] = fork_to([&] {
        try {
            job();
            return 0;
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
            return 1;
        }
    });
    return {pid, output};
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::move(other.output_)),
      started_(other.started_) {}

Child::~Child() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

void Child::send(int signal) {
    if (pid_ > 0) kill(pid_, signal);
}

Ending Child::kill_after(std::chrono::microseconds time) {
    std::this_thread::sleep_for(time);
    send(SIGKILL);
    return wait();
}

Ending Child::wait() {
    int status = 0;
    rusage used{};
    while (wait4(pid_, &status, 0, &used) < 0) {
        if (errno != EINTR) throw std::runtime_error("wait4 failed");
    }
    pid_ = -1;
    Ending ending;
    if (WIFEXITED(status)) ending.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
    ending.peak_kib = used.ru_maxrss;
    ending.ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::steady_clock::now() - started_)
                    .count();
    ending.output = all_of(output_.get());
    return ending;
}

Ending run_command(const std::vector<std::string>& arguments, std::int64_t file_bytes) {
    return Child::command(arguments, file_bytes).wait();
}

}  // namespace tidemark::robust
