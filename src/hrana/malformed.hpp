#pragma once

#include <string>
#include <utility>

#include <tidemark/error.hpp>

namespace tidemark::hrana {

/// Thrown by everything that reads a message: it is not one. A server answers with HTTP 400, or
/// closes the WebSocket with 1007.
class Malformed : public Error {
public:
    explicit Malformed(std::string message) : Error(ErrorCode::failed, std::move(message)) {}
};

}  // namespace tidemark::hrana
