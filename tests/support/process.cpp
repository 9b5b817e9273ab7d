#include "support/process.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace tidemark {
namespace {

/// A file without a name: the child never waits for us to read.
class Scratch {
public:
    explicit Scratch(const std::string& content = {}) : file_(::memfd_create("test", MFD_CLOEXEC)) {
        if (file_ < 0) throw std::runtime_error("memfd_create failed");
        std::size_t written = 0;
        while (written < content.size()) {
            const ssize_t count =
                ::write(file_, content.data() + written, content.size() - written);
            if (count <= 0) throw std::runtime_error("write failed");
            written += static_cast<std::size_t>(count);
        }
        ::lseek(file_, 0, SEEK_SET);
    }
    ~Scratch() { ::close(file_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    int file() const { return file_; }
    std::string content() const {
        std::string text;
        char part[65536];
        ::lseek(file_, 0, SEEK_SET);
        for (ssize_t count = 0; (count = ::read(file_, part, sizeof part)) > 0;) {
            text.append(part, static_cast<std::size_t>(count));
        }
        return text;
    }

private:
    int file_;
};

}  // namespace

Ran run_program(const std::vector<std::string>& arguments, const std::string& folder,
                const std::string& input) {
    const Scratch in(input);
    const Scratch out;
    const Scratch err;
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) {
        ::dup2(in.file(), STDIN_FILENO);
        ::dup2(out.file(), STDOUT_FILENO);
        ::dup2(err.file(), STDERR_FILENO);
        if (::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return {code, out.content(), err.content()};
}

Ran run_tidemark(const std::vector<std::string>& arguments, const std::string& folder) {
    std::vector<std::string> all{TIDEMARK_COMMAND};
    for (const std::string& argument : arguments) all.push_back(argument);
    return run_program(all, folder);
}

}  // namespace tidemark
