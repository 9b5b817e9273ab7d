#include "server/listener.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <mutex>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <tidemark/error.hpp>

#include "server/tcp_peer.hpp"

namespace tidemark::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

using Acceptor = asio::basic_socket_acceptor<tcp, LoopExecutor>;
using TlsContext = std::shared_ptr<asio::ssl::context>;

/// Connections taken in one go; then those that are there already have their turn.
constexpr int accepted_together = 64;

TlsContext make_tls(const TlsFiles& files) {
    if (files.certificate.empty() && files.key.empty()) return nullptr;
    auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    try {
        tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                         asio::ssl::context::no_tlsv1_1);
        tls->use_certificate_chain_file(files.certificate);
        tls->use_private_key_file(files.key, asio::ssl::context::pem);
    } catch (const boost::system::system_error& error) {
        throw Error(ErrorCode::usage,
                    "the certificate " + files.certificate + " with the key " + files.key +
                        " cannot be used: " + error.code().message(),
                    "Both must be PEM files, and belong to each other.");
    }
    return tls;
}

/// A peer that has gone without a word is noticed by TCP, after a minute or two.
void set_socket_options(Socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    const int idle_s = 60, interval_s = 15, probes = 4;
    const int descriptor = socket.native_handle();
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

}  // namespace

struct Listener::State {
    State(const Address& at, const TlsFiles& files, Handler& with, const Shared& in)
        : address(at),
          tls_files(files),
          tls(make_tls(files)),
          handler(with),
          shared(in),
          acceptor(in.threads.first()) {}

    void bind() {
        boost::system::error_code error;
        tcp::resolver resolver(shared.threads.first());
        const auto found = resolver.resolve(address.host, std::to_string(address.port),
                                            tcp::resolver::passive, error);
        if (!error) {
            const tcp::endpoint endpoint = found.begin()->endpoint();
            acceptor.open(endpoint.protocol(), error);
            if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
            if (!error) acceptor.bind(endpoint, error);
            if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
            if (!error) acceptor.non_blocking(true, error);
        }
        if (error) {
            throw Error(ErrorCode::failed,
                        "cannot listen at " + address.text() + ": " + error.message(),
                        "Give another address with --listen; port 0 takes any that is free.");
        }
        address.port = acceptor.local_endpoint().port();
    }

    TlsContext current_tls() {
        const std::lock_guard lock(tls_mutex);
        return tls;
    }

    Task<> accept() {
        while (!stopping) {
            Loop& loop = shared.threads.next();
            auto [error, socket] = co_await acceptor.async_accept(loop, asio::as_tuple(use_task));
            if (stopping) co_return;
            if (error) {
                co_await pause(error);
                continue;
            }
            admit(loop, Socket(std::move(socket)));
            accept_more();
        }
    }

    /// In a crowd each would otherwise wait until everybody else's requests have had a round.
    void accept_more() {
        for (int i = 0; i < accepted_together; ++i) {
            Loop& loop = shared.threads.next();
            Socket socket(loop);
            boost::system::error_code error;
            acceptor.accept(socket, error);
            if (error) return;  // there is none, or the next round sees why
            admit(loop, std::move(socket));
        }
    }

    /// Out of descriptors, most likely: it passes.
    Task<> pause(const boost::system::error_code& error) {
        shared.log.warning("accept failed", {{"error", error.message()}});
        asio::basic_waitable_timer<std::chrono::steady_clock,
                                   asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>
            timer(shared.threads.first(), std::chrono::milliseconds(100));
        co_await timer.async_wait(asio::as_tuple(use_task));
    }

    void admit(Loop& loop, Socket socket) {
        if (deadlines.count() >= shared.limits.connections) {
            ++shared.metrics.connections_refused;
            static constexpr std::string_view full =
                "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
                "content-length: 86\r\nretry-after: 1\r\nconnection: close\r\n\r\n"
                R"({"message":"Too many connections","code":"BUSY","error":"Too many connections, again"})";
            boost::system::error_code ignored;
            socket.non_blocking(true, ignored);
            socket.write_some(asio::buffer(full.data(), full.size()), ignored);
            return;
        }
        ++shared.metrics.connections;
        set_socket_options(socket);
        const TlsContext with = current_tls();
        auto peer = make_peer(std::move(socket), with.get(), deadlines, shared.limits);
        asio::co_spawn(loop.get_executor(), serve(std::move(peer), with), asio::detached);
    }

    Task<> serve(std::unique_ptr<Peer> peer, TlsContext /*kept alive*/) {
        try {
            co_await serve_http(std::move(peer), handler, shared.limits, stopping);
        } catch (const std::exception& error) {
            shared.log.error("connection failed", {{"error", error.what()}});
        }
    }

    Address address;
    TlsFiles tls_files;
    std::mutex tls_mutex;
    TlsContext tls;
    Handler& handler;
    Shared shared;
    Acceptor acceptor;
    Deadlines deadlines;
    std::atomic<bool> stopping{false};
};

Listener::Listener(const Address& address, const TlsFiles& tls, Handler& handler,
                   const Shared& shared)
    : state_(std::make_unique<State>(address, tls, handler, shared)) {
    state_->bind();
}

Listener::~Listener() = default;

const Address& Listener::address() const { return state_->address; }

void Listener::start() {
    asio::co_spawn(state_->shared.threads.first().get_executor(), state_->accept(), asio::detached);
}

void Listener::stop() {
    state_->stopping = true;
    boost::asio::post(state_->shared.threads.first(), [state = state_.get()] {
        boost::system::error_code ignored;
        state->acceptor.close(ignored);
    });
    state_->deadlines.cut(false);
}

void Listener::cut() { state_->deadlines.cut(true); }
std::size_t Listener::connections() const { return state_->deadlines.count(); }
void Listener::sweep() { state_->deadlines.sweep(); }

void Listener::reload() {
    TlsContext fresh = make_tls(state_->tls_files);
    const std::lock_guard lock(state_->tls_mutex);
    state_->tls = std::move(fresh);
}

}  // namespace tidemark::server
