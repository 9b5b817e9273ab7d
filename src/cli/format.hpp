#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tidemark/conflict.hpp>
#include <tidemark/value.hpp>

#include "cli/printable.hpp"

namespace tidemark::cli {

/// A value for a person: NULL, 42, 1.0, 'text', x'00ff'. Cut to `width` columns.
std::string show(const Value& value, std::size_t width = unlimited);

/// The values of a key: "17", "a, b"; text without quotes.
std::string show_key(const NamedValues& key, std::size_t width = unlimited);

/// "1,234".
std::string grouped(std::int64_t number);
/// "812 bytes", "1.2 kB", "34.5 MB".
std::string bytes(std::int64_t count);
/// "120 ms", "1.2 s", "34 s", "3 min 5 s", "2 h 10 min", "3 days".
std::string duration(std::int64_t ms);
/// "2026-03-09 14:05:12" in the local time zone.
std::string local_time(std::int64_t at_ms);
/// "2026-03-09 14:05".
std::string local_minute(std::int64_t at_ms);
/// "just now", "5 min ago", "in 2 h".
std::string ago(std::int64_t at_ms, std::int64_t now_ms);

/// "tidemark VERB PATH", ready for a shell, to be shown as advice.
std::string command_line(std::string_view verb, std::string_view path, std::string_view rest = {});

}  // namespace tidemark::cli
