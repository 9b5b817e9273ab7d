#include "sim/history_log.hpp"

#include "base/text.hpp"

namespace tidemark::sim {

std::string shown(const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
    if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text + "'";
    const auto* blob = std::get_if<Blob>(&value);
    return blob ? "x'" + to_hex(blob->bytes) + "'" : "NULL";
}

}  // namespace tidemark::sim
