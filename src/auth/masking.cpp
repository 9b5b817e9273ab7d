#include "auth/masking.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tidemark::auth {
namespace {

constexpr std::string_view stars = "*****";

bool is_address(std::string_view host) {
    return host.find_first_not_of("0123456789.") == host.npos || host.starts_with('[');
}

/// What tells one database of a service from another is in the first label of the host.
std::string masked_host(std::string_view host) {
    const std::size_t dot = host.find('.');
    if (dot == host.npos || is_address(host)) return std::string(host);
    const std::string_view label = host.substr(0, dot);
    const std::size_t hyphen = label.find('-');
    const std::size_t shown = hyphen == label.npos ? std::min<std::size_t>(2, label.size() / 2)
                                                   : std::min<std::size_t>(hyphen + 1, 12);
    return std::string(label.substr(0, shown)) + std::string(stars) + std::string(host.substr(dot));
}

}  // namespace

std::string masked(std::string_view primary) {
    const std::size_t scheme_end = primary.find("://");
    if (scheme_end == primary.npos || starts_with_name(primary, "file:")) {
        return std::string(primary);
    }
    const std::string_view scheme = primary.substr(0, scheme_end + 3);
    std::string_view rest = primary.substr(scheme_end + 3);
    rest = rest.substr(0, rest.find_first_of("?#"));
    const std::size_t path = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, path);
    if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
        authority.remove_prefix(at + 1);
    }
    const std::size_t colon =
        authority.starts_with('[') ? authority.find(':', authority.find(']')) : authority.find(':');
    const std::string_view host = authority.substr(0, colon);
    const std::string_view port = colon == authority.npos ? "" : authority.substr(colon);
    return std::string(scheme) + masked_host(host) + std::string(port) +
           std::string(rest.substr(path));
}

}  // namespace tidemark::auth
