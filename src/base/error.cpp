#include <tidemark/error.hpp>

#include <utility>

namespace tidemark {

Error::Error(ErrorCode code, std::string message, std::string hint)
    : code_(code), message_(std::move(message)), hint_(std::move(hint)) {}

}  // namespace tidemark
