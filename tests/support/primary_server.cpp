#include "support/primary_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tidemark {
namespace {

namespace fs = std::filesystem;

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(socket);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

bool answers(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(port);
    const bool open = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return open;
}

std::string folder_of_sqld(const std::string& path) { return path + ".sqld"; }
std::string data_of_sqld(const std::string& path) {
    return folder_of_sqld(path) + "/dbs/default/data";
}

std::vector<std::string> command_line(const std::string& path, int port) {
    const std::string address = "127.0.0.1:" + std::to_string(port);
    if (PrimaryServer::kind() == "tursodb") {
        // What it has behind switches, the other primaries have as a matter of course.
        return {TIDEMARK_TURSODB,
                "--experimental-without-rowid",
                "--experimental-generated-columns",
                "--sync-server",
                address,
                path};
    }
    if (PrimaryServer::kind() == "sqld") {
        return {TIDEMARK_SQLD,        "--no-welcome",       "--db-path",
                folder_of_sqld(path), "--http-listen-addr", address};
    }
    return {TIDEMARK_COMMAND, "serve", path, "--listen", address};
}

void move_database(const std::string& from, const std::string& to) {
    for (const char* suffix : {"", "-wal"}) {
        if (fs::exists(from + suffix)) fs::rename(from + suffix, to + suffix);
    }
    fs::remove(from + "-shm");
}

}  // namespace

std::string PrimaryServer::kind() {
    const char* kind = std::getenv("TIDEMARK_TEST_PRIMARY");
    return kind && *kind ? kind : "file";
}

bool PrimaryServer::wanted() { return kind() != "file"; }

PrimaryServer::PrimaryServer(std::string path) : path_(std::move(path)), port_(free_port()) {}

PrimaryServer::~PrimaryServer() { stop(); }

std::string PrimaryServer::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

void PrimaryServer::start() {
    if (running()) return;
    const std::vector<std::string> arguments = command_line(path_, port_);
    if (::access(arguments[0].c_str(), X_OK) != 0) {
        throw std::runtime_error(arguments[0] + " is not there: scripts/servers brings it");
    }
    if (kind() == "sqld") give_to_sqld();
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(127);
        const int nowhere = ::open("/dev/null", O_RDWR);
        ::dup2(nowhere, STDIN_FILENO);
        ::dup2(nowhere, STDOUT_FILENO);
        ::dup2(nowhere, STDERR_FILENO);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    for (int tries = 0; tries < 3000; ++tries) {
        if (answers(port_)) return;
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = 0;
            throw std::runtime_error(arguments[0] + " ended at once");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error(arguments[0] + " takes no connections");
}

void PrimaryServer::give_to_sqld() const {
    fs::remove_all(folder_of_sqld(path_));
    fs::create_directories(fs::path(data_of_sqld(path_)).parent_path());
    move_database(path_, data_of_sqld(path_));
}

void PrimaryServer::take_from_sqld() const { move_database(data_of_sqld(path_), path_); }

void PrimaryServer::stop() {
    if (!running()) return;
    ::kill(pid_, SIGTERM);
    for (int tries = 0; running() && tries < 500; ++tries) {
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = 0;
        } else {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    if (running()) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }
    if (kind() == "sqld") take_from_sqld();
}

}  // namespace tidemark
