#include "sim/oracle.hpp"

#include <sqlite3.h>

#include <charconv>
#include <string_view>

#include "schema/table.hpp"
#include "sync/conflict_log.hpp"

namespace tidemark::sim {
namespace {

constexpr std::int64_t first_number = 7'000'000'000'000;
constexpr std::int64_t end_of_numbers = first_number + 1'000'000'000;

std::int64_t token_in_text(std::string_view text) {
    if (text.size() < 3 || text[0] != 'v') return 0;
    std::int64_t token = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), token);
    const bool whole = error == std::errc() && end != text.data() + text.size() && *end == ';';
    return whole ? token : 0;
}

std::int64_t token_in_number(std::int64_t number) {
    return number > first_number && number < end_of_numbers ? number - first_number : 0;
}

std::int64_t token_in_real(double number) {
    return number > 0 && number < 1e15 ? token_in_number(static_cast<std::int64_t>(number)) : 0;
}

constexpr const char* endings[] = {
    "",       "",  "", "", " a 'quoted' \"text\"", " \xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\x8a",
    "\n\t\\", "  "};

}  // namespace

void Edit::write(std::int64_t token) {
    if (token == 0) return;
    written.insert(token);
    removed.erase(token);
}

void Edit::remove(std::int64_t token) {
    if (token == 0) return;
    removed.insert(token);
}

void Edit::add(const Edit& later) {
    for (const std::int64_t token : later.removed) remove(token);
    for (const std::int64_t token : later.written) {
        written.insert(token);
        if (!later.removed.contains(token)) removed.erase(token);
    }
}

std::int64_t Oracle::new_token() {
    states_.push_back(State::unwritten);
    return static_cast<std::int64_t>(states_.size()) - 1;
}

Value Oracle::value_of(std::int64_t token, Affinity affinity, std::int64_t variety) {
    const std::string text = "v" + std::to_string(token) + ";";
    switch (affinity) {
        case Affinity::text: return text + endings[variety % 8];
        case Affinity::integer: return first_number + token;
        case Affinity::real: return static_cast<double>(first_number + token) + 0.25;
        case Affinity::numeric: return variety % 2 == 0 ? Value{text} : Value{first_number + token};
        case Affinity::blob: break;
    }
    switch (variety % 4) {
        case 0: return text;
        case 1: return first_number + token;
        case 2: return Blob{text + std::string("\0\xff", 2)};
        default: return static_cast<double>(first_number + token) + 0.25;
    }
}

std::int64_t Oracle::token_in(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return token_in_text(*text);
    if (const auto* blob = std::get_if<Blob>(&value)) return token_in_text(blob->bytes);
    if (const auto* number = std::get_if<std::int64_t>(&value)) return token_in_number(*number);
    const auto* real = std::get_if<double>(&value);
    return real ? token_in_real(*real) : 0;
}

std::int64_t Oracle::token_in(sqlite3_value* value) {
    switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER: return token_in_number(sqlite3_value_int64(value));
        case SQLITE_FLOAT: return token_in_real(sqlite3_value_double(value));
        case SQLITE_NULL: return 0;
        default: break;
    }
    const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
    return token_in_text({bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))});
}

void Oracle::commit(std::int64_t transaction, const Edit& edit, bool durable) {
    for (const std::int64_t token : edit.written) {
        if (state(token) == State::unwritten) {
            state(token) = durable ? State::committed : State::excused;
        }
    }
    excuse(edit.removed);
    written_by_.resize(static_cast<std::size_t>(transaction) + 1);
    written_by_.back().assign(edit.written.begin(), edit.written.end());
}

void Oracle::forget_transactions(const std::vector<std::int64_t>& transactions) {
    for (const std::int64_t transaction : transactions) {
        const auto& tokens = written_by_[static_cast<std::size_t>(transaction)];
        excuse({tokens.begin(), tokens.end()});
    }
}

void Oracle::excuse(const std::set<std::int64_t>& tokens) {
    for (const std::int64_t token : tokens) state(token) = State::excused;
}

std::vector<std::int64_t> Oracle::missing(const std::set<std::int64_t>& found) const {
    std::vector<std::int64_t> tokens;
    for (std::size_t token = 1; token < states_.size(); ++token) {
        const auto number = static_cast<std::int64_t>(token);
        if (states_[token] == State::committed && !found.contains(number)) tokens.push_back(number);
    }
    return tokens;
}

std::set<std::int64_t> tokens_in_tables(Connection& file) {
    std::set<std::int64_t> found;
    for (const Table& table : synced_tables(file, {})) {
        Statement rows(file, "SELECT * FROM " + quoted(table.name));
        while (rows.step()) {
            for (int c = 0; c < rows.column_count(); ++c) {
                found.insert(Oracle::token_in(rows.value(c)));
            }
        }
    }
    return found;
}

std::set<std::int64_t> tokens_in_conflicts(Connection& file) {
    std::set<std::int64_t> found;
    for (const Conflict& conflict : ConflictLog(file).list(true)) {
        for (const NamedValues* side : {&conflict.here, &conflict.there}) {
            for (const auto& [name, value] : *side) found.insert(Oracle::token_in(value));
        }
    }
    return found;
}

}  // namespace tidemark::sim
