#include "server/options.hpp"

#include <charconv>

#include <tidemark/error.hpp>

namespace tidemark::server {

Address Address::parse(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    Address address;
    const char* digits = text.data() + colon + 1;
    const char* end = text.data() + text.size();
    const bool number = colon != std::string::npos &&
                        std::from_chars(digits, end, address.port).ptr == end && digits != end;
    std::string host = text.substr(0, number ? colon : 0);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (!number) {
        throw Error(ErrorCode::usage, "'" + text + "' is no address to listen at",
                    "Write HOST:PORT, such as 127.0.0.1:8080 or [::]:8080.");
    }
    address.host = host.empty() ? "0.0.0.0" : host;
    return address;
}

std::string Address::text() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Address::is_loopback() const {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace tidemark::server
