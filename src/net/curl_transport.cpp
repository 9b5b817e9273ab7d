#include "net/curl_transport.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <new>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "net/authorities.hpp"

namespace tidemark::net {
namespace {

using Kind = TransportFailure::Kind;

/// A list of header lines for libcurl.
class HeaderList {
public:
    HeaderList() = default;
    ~HeaderList() { curl_slist_free_all(list_); }
    HeaderList(const HeaderList&) = delete;
    HeaderList& operator=(const HeaderList&) = delete;

    void add(const std::string& line) {
        curl_slist* longer = curl_slist_append(list_, line.c_str());
        if (!longer) throw std::bad_alloc();
        list_ = longer;
    }
    curl_slist* get() const { return list_; }

private:
    curl_slist* list_ = nullptr;
};

/// A response as it arrives.
struct Arriving {
    HttpResponse response;
    std::int64_t max_bytes = 0;
    bool too_large = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) noexcept {
    auto& arriving = *static_cast<Arriving*>(to);
    const std::size_t bytes = size * count;
    const auto limit = static_cast<std::size_t>(arriving.max_bytes);
    if (limit > 0 && arriving.response.body.size() + bytes > limit) {
        arriving.too_large = true;
        return 0;
    }
    try {
        arriving.response.body.append(data, bytes);
    } catch (const std::bad_alloc&) {
        arriving.too_large = true;
        return 0;
    }
    return bytes;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to) noexcept {
    auto& arriving = *static_cast<Arriving*>(to);
    const std::string_view line(data, size * count);
    try {
        if (line.starts_with("HTTP/")) arriving.response.headers.clear();  // of an answer before
        const std::size_t colon = line.find(':');
        if (colon != line.npos) {
            std::string_view value = line.substr(colon + 1);
            const auto first = std::min(value.find_first_not_of(" \t"), value.size());
            value.remove_prefix(first);
            value = value.substr(0, value.find_last_not_of(" \t\r\n") + 1);
            arriving.response.headers[lower(line.substr(0, colon))] = std::string(value);
        }
    } catch (const std::bad_alloc&) {
        return 0;
    }
    return line.size();
}

int stop_if_cancelled(void* cancelled, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
    return *static_cast<const std::atomic<bool>*>(cancelled) ? 1 : 0;
}

Kind kind_of(CURLcode code, bool connected) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY: return Kind::no_such_host;
        case CURLE_COULDNT_CONNECT: return Kind::refused;
        case CURLE_OPERATION_TIMEDOUT: return connected ? Kind::silence : Kind::connect_timeout;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_USE_SSL_FAILED: return Kind::tls;
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_HTTP2:
        case CURLE_BAD_CONTENT_ENCODING: return Kind::not_http;
        default: return connected ? Kind::cut : Kind::refused;
    }
}

/// Where the certificate authorities are that a connection trusts.
struct Trust {
    std::string bundle, folder;
};

CURLcode give_trust(CURL*, void* context, void* trust) noexcept {
    static Authorities authorities;
    const auto& from = *static_cast<const Trust*>(trust);
    return authorities.give(context, from.bundle, from.folder) ? CURLE_OK
                                                               : CURLE_SSL_CACERT_BADFILE;
}

void initialise_curl() {
    static const bool done = [] {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::bad_alloc();
        return true;
    }();
    (void)done;
}

const char* environment(const char* name) {
    const char* value = std::getenv(name);
    return value && *value ? value : nullptr;
}

}  // namespace

/// One connection, with what libcurl keeps of it.
class CurlTransport::Handle {
public:
    explicit Handle(std::int64_t idle_ms) : idle_ms_(idle_ms), curl_(curl_easy_init()) {
        if (!curl_) throw std::bad_alloc();
    }
    ~Handle() { curl_easy_cleanup(curl_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    HttpResponse send(const HttpRequest& request);

    std::int64_t last_used_ms = 0;
    bool opened = false;  ///< the last request needed a new connection

private:
    template <class T>
    void set(CURLoption option, T value) {
        curl_easy_setopt(curl_, option, value);
    }
    void set_up(const HttpRequest& request, const HeaderList& headers, Arriving& arriving);
    void set_up_trust();

    Trust trust_;
    std::int64_t idle_ms_;
    CURL* curl_;
    char error_[CURL_ERROR_SIZE] = {};
};

void CurlTransport::Handle::set_up(const HttpRequest& request, const HeaderList& headers,
                                   Arriving& arriving) {
    curl_easy_reset(curl_);  // keeps the connection
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTPHEADER, headers.get());
    if (request.method == "POST") {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, request.body.data());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    } else {
        set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    set(CURLOPT_ACCEPT_ENCODING, "");  // whatever libcurl can take apart: zstd, gzip
    set(CURLOPT_WRITEFUNCTION, take_body);
    set(CURLOPT_WRITEDATA, &arriving);
    set(CURLOPT_HEADERFUNCTION, take_header);
    set(CURLOPT_HEADERDATA, &arriving);
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_MAXAGE_CONN, static_cast<long>(idle_ms_ / 1000));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.timeouts.connect_ms));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeouts.total_ms));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>((request.timeouts.silence_ms + 999) / 1000));
    if (request.cancelled) {
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, stop_if_cancelled);
        set(CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(request.cancelled));
    }
    set_up_trust();
}

/// Where libcurl is built with OpenSSL, it is given what the whole process trusts; else it reads
/// that itself.
void CurlTransport::Handle::set_up_trust() {
    const curl_version_info_data* curl = curl_version_info(CURLVERSION_NOW);
    const char* bundle = environment("CURL_CA_BUNDLE");
    if (!bundle) bundle = environment("SSL_CERT_FILE");
    const char* folder = environment("SSL_CERT_DIR");
    if (bundle) set(CURLOPT_CAINFO, bundle);
    if (folder) set(CURLOPT_CAPATH, folder);
    trust_.bundle = bundle ? bundle : curl->cainfo ? curl->cainfo : "";
    trust_.folder = folder ? folder : curl->capath ? curl->capath : "";
    const bool openssl =
        curl->ssl_version && std::string_view(curl->ssl_version).starts_with("OpenSSL");
    if (!openssl || (trust_.bundle.empty() && trust_.folder.empty())) return;
    if (curl_easy_setopt(curl_, CURLOPT_SSL_CTX_FUNCTION, give_trust) != CURLE_OK) return;
    set(CURLOPT_SSL_CTX_DATA, &trust_);
    // A null pointer by its type: the option takes a list of arguments.
    set(CURLOPT_CAINFO, static_cast<char*>(nullptr));
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
}

HttpResponse CurlTransport::Handle::send(const HttpRequest& request) {
    HeaderList headers;
    for (const auto& [name, value] : request.headers) headers.add(name + ": " + value);
    headers.add("Expect:");  // a large body would otherwise wait a second for servers without it
    Arriving arriving;
    arriving.max_bytes = request.max_response_bytes;
    error_[0] = 0;
    set_up(request, headers, arriving);
    const CURLcode code = curl_easy_perform(curl_);
    long connects = 0;
    curl_easy_getinfo(curl_, CURLINFO_NUM_CONNECTS, &connects);
    opened = connects > 0;
    if (code != CURLE_OK) {
        curl_off_t ready_us = 0;  // when the request could begin to be sent; 0: never
        curl_easy_getinfo(curl_, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
        const std::string detail = error_[0] ? error_ : curl_easy_strerror(code);
        throw TransportFailure(arriving.too_large ? Kind::too_large : kind_of(code, ready_us > 0),
                               ready_us > 0, detail);
    }
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    arriving.response.status = static_cast<int>(status);
    return std::move(arriving.response);
}

CurlTransport::CurlTransport(const NetworkOptions& options) : options_(options) {
    initialise_curl();
}
CurlTransport::~CurlTransport() = default;

std::unique_ptr<CurlTransport::Handle> CurlTransport::take() {
    std::unique_lock lock(mutex_);
    ++use_.requests;
    const auto is_free = [&] { return use_.in_use < options_.connections; };
    if (!is_free()) {
        ++use_.waits;
        freed_.wait(lock, is_free);
    }
    const std::int64_t now = system_clock().steady_ms();
    std::erase_if(idle_,
                  [&](const auto& idle) { return now - idle->last_used_ms > options_.idle_ms; });
    std::unique_ptr<Handle> handle;
    if (!idle_.empty()) {
        handle = std::move(idle_.back());
        idle_.pop_back();
    } else {
        handle = std::make_unique<Handle>(options_.idle_ms);
    }
    ++use_.in_use;
    return handle;
}

void CurlTransport::give_back(std::unique_ptr<Handle> handle) {
    handle->last_used_ms = system_clock().steady_ms();
    {
        const std::lock_guard lock(mutex_);
        ++(handle->opened ? use_.connections_opened : use_.connections_reused);
        --use_.in_use;
        idle_.push_back(std::move(handle));
    }
    freed_.notify_one();
}

/// A handle for the length of one request.
class CurlTransport::Lease {
public:
    explicit Lease(CurlTransport& pool) : pool_(pool), handle_(pool.take()) {}
    ~Lease() { pool_.give_back(std::move(handle_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Handle& operator*() const { return *handle_; }

private:
    CurlTransport& pool_;
    std::unique_ptr<Handle> handle_;
};

HttpResponse CurlTransport::send(const HttpRequest& request) {
    const Lease lease(*this);
    try {
        return (*lease).send(request);
    } catch (const TransportFailure&) {
        const std::lock_guard lock(mutex_);
        ++use_.failures;
        throw;
    }
}

void CurlTransport::note_retry() {
    const std::lock_guard lock(mutex_);
    ++use_.retries;
}

void CurlTransport::set_options(const NetworkOptions& options) {
    {
        const std::lock_guard lock(mutex_);
        options_ = options;
    }
    freed_.notify_all();
}

NetworkOptions CurlTransport::options() const {
    const std::lock_guard lock(mutex_);
    return options_;
}

NetworkUse CurlTransport::use() const {
    const std::lock_guard lock(mutex_);
    NetworkUse use = use_;
    use.idle = static_cast<std::int64_t>(idle_.size());
    return use;
}

CurlTransport& process_transport() {
    static CurlTransport transport(NetworkOptions{});
    return transport;
}

}  // namespace tidemark::net
