#include "testing/server.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "common/database.hpp"
#include "support/process.hpp"

namespace examples {
namespace {

/// What the command prints, without the end of its line.
std::string tidemark_says(const std::vector<std::string>& arguments, const std::string& folder) {
    std::vector<std::string> all{TIDEMARK_COMMAND};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const tidemark::Ran ran = tidemark::run_program(all, folder);
    if (ran.exit_code != 0) throw std::runtime_error(ran.err);
    return ran.out.substr(0, ran.out.find('\n'));
}

}  // namespace

Server::Server(const std::string& folder) : folder_(folder) {
    std::filesystem::create_directories(folder_);
    tidemark_says({"keys", "create", "key"}, folder_);
    token_ = tidemark_says({"token", "create", "--key", "key"}, folder_);
    Database(database()).execute("VACUUM");  // a database without tables
    start();
}

Server::~Server() {
    if (process_ > 0) stop();
}

void Server::stop() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

void Server::start() {
    const std::string said = folder_ + "/said.txt";
    std::filesystem::remove(said);
    const std::string log = folder_ + "/log.txt";
    const std::string path = database();
    const std::string key = folder_ + "/key.pub";
    process_ = ::fork();
    if (process_ == 0) {
        const int out = ::open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
        ::execl(TIDEMARK_COMMAND, TIDEMARK_COMMAND, "serve", path.c_str(), "--listen",
                listen_.c_str(), "--auth-jwt-key", key.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    const std::string before = "Listening at ";
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < give_up) {
        std::ifstream file(said);
        std::string line;
        if (std::getline(file, line) && !file.eof() && line.starts_with(before)) {
            url_ = line.substr(before.size());
            listen_ = url_.substr(url_.find("://") + 3);
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    stop();
    throw std::runtime_error("the server does not start");
}

}  // namespace examples
