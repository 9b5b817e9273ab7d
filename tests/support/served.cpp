#include "support/served.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace tidemark {
namespace {

constexpr int patience_ms = 20'000;

int connect_to(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(descriptor);
        throw std::runtime_error("cannot connect to port " + std::to_string(port));
    }
    return descriptor;
}

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string json_text(const std::string& text) {
    return boost::json::serialize(boost::json::string(text));
}

std::uint16_t port_of(const boost::json::value& url) {
    if (!url.is_string()) return 0;
    const std::string text(url.get_string());
    return static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)));
}

}  // namespace

// ---- HTTP
// ----------------------------------------------------------------------------------------

HttpClient::HttpClient(std::uint16_t port) : socket_(connect_to(port)) {}
HttpClient::~HttpClient() { ::close(socket_); }

HttpAnswer HttpClient::get(const std::string& path, const Headers& headers) {
    return request("GET", path, {}, headers);
}

HttpAnswer HttpClient::post(const std::string& path, const std::string& body,
                            const Headers& headers) {
    return request("POST", path, body, headers);
}

namespace {

std::string request_text(const std::string& method, const std::string& path,
                         const std::string& body, const HttpClient::Headers& headers) {
    std::string text = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const std::string& header : headers) text += header + "\r\n";
    if (method != "GET") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

}  // namespace

HttpAnswer HttpClient::request(const std::string& method, const std::string& path,
                               const std::string& body, const Headers& headers) {
    send(request_text(method, path, body, headers));
    return answer(method != "HEAD");
}

void HttpClient::send_post(const std::string& path, const std::string& body,
                           const Headers& headers) {
    send(request_text("POST", path, body, headers));
}

void HttpClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) throw std::runtime_error("the server no longer reads");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

bool HttpClient::receive() {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, patience_ms) != 1) throw std::runtime_error("the server says nothing");
    char part[65536];
    const ssize_t count = ::recv(socket_, part, sizeof part, 0);
    if (count > 0) input_.append(part, static_cast<std::size_t>(count));
    return count > 0;
}

HttpAnswer HttpClient::answer(bool with_body) {
    std::size_t end = 0;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
        if (!receive()) throw std::runtime_error("the server ended the connection: " + input_);
    }
    HttpAnswer answer;
    std::string head = input_.substr(0, end + 2);
    input_.erase(0, end + 4);
    answer.status = std::stoi(head.substr(9, 3));
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
        const std::size_t line_end = head.find("\r\n", at);
        const std::size_t colon = head.find(": ", at);
        answer.headers[lower_case(head.substr(at, colon - at))] =
            head.substr(colon + 2, line_end - colon - 2);
        at = line_end + 2;
    }
    if (!with_body || answer.status == 101 || answer.status == 204) return answer;
    if (answer.headers.contains("content-length")) {
        const std::size_t length = std::stoul(answer.headers["content-length"]);
        while (input_.size() < length) {
            if (!receive()) throw std::runtime_error("the answer is cut short");
        }
        answer.body = input_.substr(0, length);
        input_.erase(0, length);
        return answer;
    }
    while (true) {  // chunks
        while ((end = input_.find("\r\n")) == std::string::npos) {
            if (!receive()) throw std::runtime_error("the answer is cut short");
        }
        const std::size_t size = std::stoul(input_.substr(0, end), nullptr, 16);
        while (input_.size() < end + 2 + size + 2) {
            if (!receive()) throw std::runtime_error("the answer is cut short");
        }
        answer.body += input_.substr(end + 2, size);
        input_.erase(0, end + 2 + size + 2);
        if (size == 0) return answer;
    }
}

std::string HttpClient::some() {
    if (input_.empty() && !receive()) throw std::runtime_error("the server has ended it");
    return std::exchange(input_, {});
}

std::string HttpClient::rest() {
    while (receive()) {
    }
    return std::move(input_);
}

bool HttpClient::ends_within(int ms) {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, ms) != 1) return false;
    try {
        rest();
    } catch (const std::exception&) {
        return false;
    }
    return true;
}

// ---- WebSocket
// -----------------------------------------------------------------------------------

SocketClient::SocketClient(std::uint16_t port, const std::string& protocols,
                           const HttpClient::Headers& headers)
    : client_(port) {
    HttpClient::Headers all = headers;
    all.insert(all.end(), {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="});
    if (!protocols.empty()) all.push_back("Sec-WebSocket-Protocol: " + protocols);
    handshake_ = client_.get("/", all);
}

void SocketClient::send(const std::string& text, int opcode) {
    std::string frame(1, static_cast<char>(0x80 | opcode));
    if (text.size() < 126) {
        frame += static_cast<char>(0x80 | text.size());
    } else if (text.size() < 65536) {
        frame += static_cast<char>(0x80 | 126);
        frame += static_cast<char>(text.size() >> 8);
        frame += static_cast<char>(text.size());
    } else {
        frame += static_cast<char>(0x80 | 127);
        for (int shift = 56; shift >= 0; shift -= 8) {
            frame += static_cast<char>(static_cast<std::uint64_t>(text.size()) >> shift);
        }
    }
    client_.send(frame + std::string(4, '\0') + text);  // a mask of zeros changes nothing
}

SocketClient::Frame SocketClient::frame() {
    const auto byte = [&](std::size_t at) {
        return static_cast<std::size_t>(static_cast<unsigned char>(input_[at]));
    };
    const auto need = [&](std::size_t size) {
        while (input_.size() < size) input_ += client_.some();
    };
    need(2);
    std::size_t length = byte(1) & 0x7f;
    std::size_t head = 2;
    if (length >= 126) {
        const std::size_t bytes = length == 126 ? 2 : 8;
        need(2 + bytes);
        length = 0;
        for (std::size_t i = 0; i < bytes; ++i) length = length << 8 | byte(2 + i);
        head += bytes;
    }
    need(head + length);
    Frame frame{static_cast<int>(byte(0) & 0x0f), input_.substr(head, length)};
    input_.erase(0, head + length);
    return frame;
}

boost::json::object SocketClient::receive() {
    const Frame got = frame();
    if (got.opcode != 1) throw std::runtime_error("not a text message: " + got.payload);
    return boost::json::parse(got.payload).as_object();
}

std::string SocketClient::receive_bytes() {
    const Frame got = frame();
    if (got.opcode != 2) throw std::runtime_error("not a binary message: " + got.payload);
    return got.payload;
}

int SocketClient::close_code() {
    Frame got = frame();
    while (got.opcode != 8) got = frame();
    return static_cast<unsigned char>(got.payload.at(0)) << 8 |
           static_cast<unsigned char>(got.payload.at(1));
}

// ---- The server
// ----------------------------------------------------------------------------------

Served::Served(const std::string& path, std::vector<std::string> options,
               std::vector<std::string> environment) {
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    log_ = ::memfd_create("log", MFD_CLOEXEC);
    std::vector<std::string> arguments{TIDEMARK_COMMAND, "serve",    path,
                                       "--json",         "--listen", "127.0.0.1:0"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(out[1], STDOUT_FILENO);
        ::dup2(log_, STDERR_FILENO);
        for (std::string& each : environment) ::putenv(each.data());
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    ::close(out[1]);
    std::string line;
    char c = 0;
    while (::read(out[0], &c, 1) == 1 && c != '\n') line += c;
    ::close(out[0]);
    boost::system::error_code error;
    const boost::json::value told = boost::json::parse(line, error);
    if (error || !told.is_object() || !told.get_object().contains("url")) {
        wait();
        throw std::runtime_error("the server did not start: " + line + log());
    }
    port_ = port_of(told.at("url"));
    admin_port_ = port_of(told.at("admin_url"));
}

Served::~Served() {
    kill();
    ::close(log_);
}

int Served::wait() {
    if (pid_ < 0) return -1;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int Served::stop() {
    ::kill(pid_, SIGTERM);
    return wait();
}

void Served::reload() const { ::kill(pid_, SIGHUP); }

void Served::kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    wait();
}

std::string Served::log() const {
    std::string text;
    char part[4096];
    for (off_t at = 0;;) {
        const ssize_t count = ::pread(log_, part, sizeof part, at);
        if (count <= 0) return text;
        text.append(part, static_cast<std::size_t>(count));
        at += count;
    }
}

std::string execute_body(const std::string& sql, const std::string& baton) {
    return "{\"baton\":" + (baton.empty() ? "null" : json_text(baton)) +
           ",\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":" + json_text(sql) + "}}]}";
}

boost::json::array Served::run(const std::vector<std::string>& sql,
                               const HttpClient::Headers& headers) const {
    std::string body = R"({"requests":[)";
    for (const std::string& each : sql) {
        body += R"({"type":"execute","stmt":{"sql":)" + json_text(each) + "}},";
    }
    HttpClient client(port_);
    const HttpAnswer answer = client.post("/v2/pipeline", body + R"({"type":"close"}]})", headers);
    if (answer.status != 200) {
        throw std::runtime_error("status " + std::to_string(answer.status) + ": " + answer.body);
    }
    boost::json::array results = answer.json().at("results").as_array();
    results.pop_back();
    return results;
}

std::string Served::value(const std::string& sql, const HttpClient::Headers& headers) const {
    const boost::json::object result = run({sql}, headers).at(0).as_object();
    if (result.contains("error")) {
        return "error " + std::string(result.at("error").at("code").as_string());
    }
    const auto& rows = result.at("response").at("result").at("rows").as_array();
    if (rows.empty()) return "no rows";
    const auto& cell = rows.at(0).at(0).as_object();
    if (!cell.contains("value")) return std::string(cell.at("type").as_string());
    return cell.at("value").is_string() ? std::string(cell.at("value").as_string())
                                        : boost::json::serialize(cell.at("value"));
}

}  // namespace tidemark
