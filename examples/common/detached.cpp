#include "common/detached.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include <cstring>

#include <tidemark/error.hpp>

extern char** environ;

namespace examples {
namespace {

/// Where the background program finds the pipe that tells of its end.
constexpr int pipe_in_child = STDOUT_FILENO;

int spawn(const std::vector<std::string>& arguments, int pipe_end) {
    std::vector<std::string> all{"/proc/self/exe"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& argument : all) argv.push_back(argument.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pipe_end, pipe_in_child);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    pid_t child = 0;
    const int error = posix_spawn(&child, argv[0], &files, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

}  // namespace

Detached::Detached(const std::vector<std::string>& arguments) {
    int ends[2];
    int error = ::pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
    if (error == 0) {
        ends_ = ends[0];
        error = spawn(arguments, ends[1]);
        ::close(ends[1]);
    }
    if (error == 0) return;
    ::close(ends_);
    throw tidemark::Error(
        tidemark::ErrorCode::failed,
        std::string("no program can be started in the background: ") + std::strerror(error));
}

Detached::~Detached() { ::close(ends_); }

void Detached::wait(int timeout_ms) const {
    pollfd ended{ends_, POLLIN, 0};
    ::poll(&ended, 1, timeout_ms);  // the other end is closed
}

void Detached::release() {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, pipe_in_child);
    ::close(nowhere);
}

}  // namespace examples
