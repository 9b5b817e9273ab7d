#include "hrana/json_reader.hpp"

#include <charconv>
#include <limits>

#include "base/text.hpp"
#include "hrana/json_text.hpp"
#include "hrana/limits.hpp"

namespace tidemark::hrana {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, unsigned code) {
    const auto put = [&](unsigned byte) { out.push_back(static_cast<char>(byte)); };
    const auto tail = [&](unsigned shift) { put(0x80 | (code >> shift & 0x3f)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        tail(0);
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        tail(6);
        tail(0);
    } else {
        put(0xf0 | code >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

/// Of a number that no double can hold: whether it is too large, rather than too small.
bool is_huge(std::string_view number) {
    const std::size_t e = number.find_first_of("eE");
    std::int64_t exponent = 0;
    if (e != std::string_view::npos) {
        std::string_view digits = number.substr(e + 1);
        if (digits.starts_with('+')) digits.remove_prefix(1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
        if (error != std::errc()) return !digits.starts_with('-');
        number = number.substr(0, e);
    }
    const std::size_t first = number.find_first_of("123456789");
    const std::size_t point = std::min(number.find('.'), number.size());
    return static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) > -exponent;
}

}  // namespace

JsonReader::JsonReader(std::string_view text) : text_(text) {
    if (!is_utf8(text)) throw Malformed("malformed message: it is not UTF-8");
}

void JsonReader::fail(std::string_view expected) const {
    throw Malformed("malformed message: " + std::string(expected) + " was expected at byte " +
                    std::to_string(at_));
}

void JsonReader::white() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
        ++at_;
    }
}

bool JsonReader::take(char c) {
    white();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
}

void JsonReader::open(char c) {
    if (!take(c)) fail(c == '{' ? "an object" : "an array");
    if (++depth_ > max_json_depth) {
        throw Malformed("malformed message: it nests more than " + std::to_string(max_json_depth) +
                        " levels deep");
    }
}

void JsonReader::word(std::string_view text) {
    if (text_.substr(at_, text.size()) != text) fail("a value");
    at_ += text.size();
}

JsonReader::Kind JsonReader::peek() {
    white();
    if (at_ == text_.size()) fail("a value");
    switch (text_[at_]) {
        case 'n': return Kind::null;
        case 't':
        case 'f': return Kind::boolean;
        case '"': return Kind::string;
        case '[': return Kind::array;
        case '{': return Kind::object;
        default: return Kind::number;
    }
}

bool JsonReader::null() {
    if (peek() != Kind::null) return false;
    word("null");
    return true;
}

bool JsonReader::boolean() {
    if (peek() != Kind::boolean) fail("true or false");
    const bool value = text_[at_] == 't';
    word(value ? "true" : "false");
    return value;
}

std::string_view JsonReader::string() {
    if (!take('"')) fail("a string");
    const std::size_t start = at_;
    at_ += plain_run(text_.substr(at_));
    if (at_ == text_.size()) fail("the end of a string");
    if (text_[at_] == '"') return text_.substr(start, at_++ - start);
    return escaped(start);
}

std::string_view JsonReader::escaped(std::size_t start) {
    unescaped_.assign(text_, start, at_ - start);
    while (true) {
        if (at_ == text_.size()) fail("the end of a string");
        const char c = text_[at_];
        if (c == '"') break;
        if (c != '\\') fail("an escape of a control character");
        if (++at_ == text_.size()) fail("the rest of an escape");
        switch (text_[at_++]) {
            case '"': unescaped_ += '"'; break;
            case '\\': unescaped_ += '\\'; break;
            case '/': unescaped_ += '/'; break;
            case 'b': unescaped_ += '\b'; break;
            case 'f': unescaped_ += '\f'; break;
            case 'n': unescaped_ += '\n'; break;
            case 'r': unescaped_ += '\r'; break;
            case 't': unescaped_ += '\t'; break;
            case 'u': append_utf8(unescaped_, code_point()); break;
            default: --at_; fail("an escape that JSON knows");
        }
        const std::size_t run = plain_run(text_.substr(at_));
        unescaped_.append(text_, at_, run);
        at_ += run;
    }
    ++at_;
    return unescaped_;
}

unsigned JsonReader::code_point() {
    const unsigned first = four_digits();
    if (first < 0xd800 || first > 0xdfff) return first;
    if (first > 0xdbff || text_.substr(at_, 2) != "\\u") fail("a pair of surrogates");
    at_ += 2;
    const unsigned second = four_digits();
    if (second < 0xdc00 || second > 0xdfff) fail("a pair of surrogates");
    return 0x10000 + (first - 0xd800) * 0x400 + (second - 0xdc00);
}

unsigned JsonReader::four_digits() {
    const std::string_view digits = text_.substr(at_, 4);
    unsigned value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4) {
        fail("four hexadecimal digits");
    }
    at_ += 4;
    return value;
}

std::string_view JsonReader::number() {
    white();
    const std::size_t start = at_;
    const auto digits = [&] {
        const std::size_t from = at_;
        while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
        if (at_ == from) fail(from == start ? "a value" : "a digit");
        return at_ - from;
    };
    if (at_ < text_.size() && text_[at_] == '-') ++at_;
    const std::size_t whole = at_;
    if (digits() > 1 && text_[whole] == '0') fail("a number without leading zeros");
    if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        digits();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
        ++at_;
        if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
        digits();
    }
    return text_.substr(start, at_ - start);
}

double JsonReader::real() {
    const std::string_view text = number();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) {
        value = is_huge(text) ? std::numeric_limits<double>::infinity() : 0.0;
        if (text.starts_with('-')) value = -value;
    }
    return value;
}

std::int64_t JsonReader::signed_integer(std::string_view digits, std::int64_t least,
                                        std::int64_t most) const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value < least ||
        value > most) {
        fail("an integer from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
}

std::uint64_t JsonReader::unsigned_integer(std::string_view digits, std::uint64_t most) const {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value > most) {
        fail("an integer from 0 to " + std::to_string(most));
    }
    return value;
}

void JsonReader::skip() {
    switch (peek()) {
        case Kind::null: word("null"); break;
        case Kind::boolean: boolean(); break;
        case Kind::number: number(); break;
        case Kind::string: string(); break;
        case Kind::array: array([&] { skip(); }); break;
        case Kind::object: object([&](std::string_view) { skip(); }); break;
    }
}

void JsonReader::end() {
    white();
    if (at_ != text_.size()) fail("the end of the message");
}

}  // namespace tidemark::hrana
