#include "sqlite/value.hpp"

#include <cstring>

#include <tidemark/error.hpp>

namespace tidemark {
namespace {

int rank(const Value& value) {
    if (is_null(value)) return 0;
    if (std::holds_alternative<std::string>(value)) return 2;
    return std::holds_alternative<Blob>(value) ? 3 : 1;
}

long double number(const Value& value) {
    const auto* integer = std::get_if<std::int64_t>(&value);
    return integer ? static_cast<long double>(*integer)
                   : static_cast<long double>(std::get<double>(value));
}

template <typename T>
int order(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

int compare(const Value& a, const Value& b) {
    if (rank(a) != rank(b)) return order(rank(a), rank(b));
    switch (rank(a)) {
        case 0: return 0;
        case 1: return order(number(a), number(b));
        case 2: return order(std::get<std::string>(a), std::get<std::string>(b));
        default: return order(std::get<Blob>(a).bytes, std::get<Blob>(b).bytes);
    }
}

bool identical(const Value& a, const Value& b) {
    if (a.index() != b.index()) return false;
    if (const auto* x = std::get_if<double>(&a)) {
        return std::memcmp(x, &std::get<double>(b), sizeof *x) == 0;
    }
    return a == b;
}

std::size_t size_of(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return text->size() + 2;
    if (const auto* blob = std::get_if<Blob>(&value)) return blob->bytes.size() + 2;
    return is_null(value) ? 1 : 9;
}

std::size_t size_of(const Row& row) {
    std::size_t bytes = 0;
    for (const Value& value : row) bytes += size_of(value);
    return bytes;
}

std::int64_t as_int(const Value& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (!number) throw Error(ErrorCode::failed, "a number was expected where there is none");
    return *number;
}

const std::string& as_text(const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    if (!text) throw Error(ErrorCode::failed, "a text was expected where there is none");
    return *text;
}

}  // namespace tidemark
