#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tidemark/error.hpp>

#include "net/http.hpp"

/// What went wrong between this device and a server, in words for a person.
namespace tidemark::net {

/// `place` is the server as it may be shown.
Error error_of(const TransportFailure& failure, const std::string& place);
/// For a response that is not the answer to the request: any status but 2xx, or a page instead of
/// data. `said` is what the server says itself, where its response could be read.
Error error_of(const HttpResponse& response, const std::string& place,
               const std::string& said = {});

/// Whether the response is a web page: a proxy, a login form, a server of another kind.
bool is_page(const HttpResponse& response);

/// How long the server asks to wait; nothing where it does not say, or names a date that cannot be
/// read.
std::optional<std::int64_t> retry_after_ms(const HttpResponse& response, std::int64_t now_ms);

}  // namespace tidemark::net
