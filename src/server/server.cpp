#include "server/server.hpp"

#include <sys/resource.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <tidemark/error.hpp>

#include "server/access.hpp"
#include "server/admin.hpp"
#include "server/databases.hpp"
#include "server/listener.hpp"
#include "server/served_replica.hpp"
#include "server/service.hpp"
#include "server/shared.hpp"
#include "server/streams.hpp"

namespace tidemark::server {
namespace {

/// How often somebody looks for what has taken too long.
constexpr std::chrono::milliseconds sweep_interval{200};

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw Error(ErrorCode::usage, "cannot read " + path, "Check the path and who may read it.");
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string keys_of(const Options& options) {
    return options.auth_jwt_key_file.empty() ? options.auth_jwt_key
                                             : content_of(options.auth_jwt_key_file);
}

/// Without the line's end that editors leave in a file.
std::string admin_key_of(const Options& options) {
    std::string key =
        options.admin_key_file.empty() ? options.admin_key : content_of(options.admin_key_file);
    while (key.ends_with('\n') || key.ends_with('\r')) key.pop_back();
    return key;
}

std::size_t loops_of(const Options& options) {
    if (options.threads > 0) return options.threads;
    return std::max(1U, std::thread::hardware_concurrency());
}

/// Descriptors that are no connection's: databases, their logs, the listeners.
constexpr std::size_t other_descriptors = 256;

std::size_t descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
    return limit.rlim_cur;
}

void check_safety(const Options& options) {
    const bool open = options.auth_jwt_key_file.empty() && options.auth_jwt_key.empty();
    if (open && !options.listen.is_loopback() && !options.insecure) {
        throw Error(ErrorCode::usage,
                    "without a key for tokens everybody who reaches " + options.listen.text() +
                        " could read and write everything",
                    "Give --auth-jwt-key FILE ('tidemark keys create' makes one), listen on "
                    "127.0.0.1, or take the risk with --insecure.");
    }
    if (!options.admin_listen.empty() && admin_key_of(options).empty() &&
        !Address::parse(options.admin_listen).is_loopback()) {
        throw Error(ErrorCode::usage,
                    "without a key everybody who reaches " + options.admin_listen +
                        " could delete every database",
                    "Give --admin-key-file FILE, or listen on 127.0.0.1.");
    }
    if (!options.default_database.empty() && !is_database_name(options.default_database)) {
        throw Error(ErrorCode::usage,
                    "'" + options.default_database + "' cannot be the default database's name",
                    "A database is named by letters, digits, - and _, at most 64 of them.");
    }
    if (options.tls_cert.empty() != options.tls_key.empty()) {
        throw Error(ErrorCode::usage, "TLS needs both a certificate and a key",
                    "Give --tls-cert FILE and --tls-key FILE.");
    }
}

}  // namespace

struct Server::State {
    explicit State(const Options& with)
        : options(with),
          log(with.log_level, with.log_json),
          threads(loops_of(with)),
          shared{threads, options.limits, metrics, log},
          access(keys_of(with), with.read_only),
          databases(with.path, with.default_database, shared),
          streams(options.limits),
          service(databases, streams, access, shared, with.subdomains),
          admin(databases, service, shared, admin_key_of(with)),
          listener(with.listen, {with.tls_cert, with.tls_key}, service, shared) {
        if (!with.admin_listen.empty()) {
            admin_listener =
                std::make_unique<Listener>(Address::parse(with.admin_listen),
                                           TlsFiles{with.tls_cert, with.tls_key}, admin, shared);
        }
        replica = ServedReplica::open(with.path, with.sync_interval_ms, shared);
        if (!access.asks()) {
            warnings.push_back(
                with.listen.is_loopback()
                    ? "No token is asked for: every program on this machine may read "
                      "and write everything."
                    : "No token is asked for: everybody who reaches this address may "
                      "read and write everything.");
        } else if (with.tls_cert.empty() && !with.listen.is_loopback()) {
            warnings.push_back("Tokens and data travel without TLS.");
        }
        if (descriptor_limit() < with.limits.connections + other_descriptors) {
            warnings.push_back("This process may open " + std::to_string(descriptor_limit()) +
                               " files, too few for --max-connections " +
                               std::to_string(with.limits.connections) +
                               ": raise the limit (ulimit -Hn; LimitNOFILE= in a systemd unit).");
        }
    }

    void sweep() {
        std::unique_lock lock(mutex);
        while (!woken.wait_for(lock, sweep_interval, [this] { return stopping; })) {
            lock.unlock();
            sweep_once();
            lock.lock();
        }
    }

    void sweep_once() {
        try {
            listener.sweep();
            if (admin_listener) admin_listener->sweep();
            streams.sweep();
            databases.sweep();
        } catch (const std::exception& error) {
            log.error("sweep failed", {{"error", error.what()}});
        }
    }

    std::size_t connections() const {
        return listener.connections() + (admin_listener ? admin_listener->connections() : 0);
    }

    void stop_listening() {
        listener.stop();
        if (admin_listener) admin_listener->stop();
        for (const auto& database : databases.open()) database->news().close();
        const auto until = std::chrono::steady_clock::now() +
                           std::chrono::milliseconds(options.limits.shutdown_ms);
        while (connections() > 0 && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        listener.cut();
        if (admin_listener) admin_listener->cut();
        // What still runs is a statement, and the limit of its time ends it.
        while (connections() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }

    Options options;
    Log log;
    Metrics metrics;
    Threads threads;
    Shared shared;
    Access access;
    Databases databases;
    Streams streams;
    Service service;
    Admin admin;
    Listener listener;
    std::unique_ptr<Listener> admin_listener;
    std::unique_ptr<ServedReplica> replica;
    std::vector<std::string> warnings;

    bool running = false;
    std::mutex mutex;
    std::condition_variable woken;
    bool stopping = false;
    std::thread sweeper;
};

void check(const Options& options) {
    check_safety(options);
    const Access access(keys_of(options), options.read_only);
    if (!options.admin_listen.empty()) Address::parse(options.admin_listen);
    for (const std::string& file : {options.tls_cert, options.tls_key, options.admin_key_file}) {
        if (!file.empty()) content_of(file);
    }
    const std::filesystem::path folder = std::filesystem::absolute(options.path).parent_path();
    if (options.path.empty() || !std::filesystem::is_directory(folder)) {
        throw Error(ErrorCode::usage, "there is no folder for the database '" + options.path + "'",
                    "Name a database file, or a folder of them.");
    }
}

Server::Server(const Options& options) {
    check(options);
    state_ = std::make_unique<State>(options);
}

Server::~Server() { stop(); }

Server::Addresses Server::addresses() const {
    const std::string scheme = state_->options.tls_cert.empty() ? "http://" : "https://";
    const Listener* admin = state_->admin_listener.get();
    return {scheme + state_->listener.address().text(),
            admin ? scheme + admin->address().text() : std::string()};
}

std::vector<std::string> Server::databases() const { return state_->databases.names(); }

const std::vector<std::string>& Server::warnings() const { return state_->warnings; }

void Server::start() {
    state_->threads.start();
    state_->listener.start();
    if (state_->admin_listener) state_->admin_listener->start();
    if (state_->replica) state_->replica->start();
    state_->sweeper = std::thread([state = state_.get()] { state->sweep(); });
    state_->running = true;
    state_->log.info("listening", {{"url", addresses().url}});
}

void Server::stop() {
    State& state = *state_;
    if (!std::exchange(state.running, false)) return;
    state.log.info("stopping", {{"connections", std::int64_t(state.connections())}});
    state.stop_listening();
    {
        const std::lock_guard lock(state.mutex);
        state.stopping = true;
    }
    state.woken.notify_all();
    state.sweeper.join();
    state.streams.clear();
    state.threads.stop();
    if (state.replica) state.replica->stop();
    state.databases.close();
    state.log.info("stopped");
    state.log.flush();
}

void Server::reload() {
    try {
        state_->listener.reload();
        if (state_->admin_listener) state_->admin_listener->reload();
        state_->log.info("read the TLS files again");
    } catch (const Error& error) {
        state_->log.error("kept the old TLS files", {{"error", error.message()}});
    }
}

}  // namespace tidemark::server
