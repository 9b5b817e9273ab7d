#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "hrana/malformed.hpp"

namespace tidemark::hrana {

/// Walks through a JSON text without building anything. The caller names what it expects next;
/// whatever else stands there throws Malformed. The text must remain live.
///
/// Numbers are handed out as text or converted exactly, which Boost.JSON 1.81 does not do for all
/// doubles.
class JsonReader {
public:
    /// Throws Malformed where `text` is not UTF-8.
    explicit JsonReader(std::string_view text);

    enum class Kind { null, boolean, number, string, array, object };
    /// Of the value that comes next.
    Kind peek();

    /// Passes a null, and says whether there was one.
    bool null();
    bool boolean();
    /// The value lies in the text itself, or in a buffer that the next string overwrites.
    std::string_view string();
    /// The number as it is written.
    std::string_view number();
    /// Passes the next value, whatever it is.
    void skip();
    /// Nothing but white space may follow.
    void end();

    /// A number without fraction or exponent, within the bounds of `T`; or a string that holds one.
    template <std::integral T>
    T integer();
    /// A number; out of range it is infinite.
    double real();

    /// Calls `member(key)` for each member of an object. It must read the value or skip it.
    template <typename F>
    void object(F&& member);
    /// Calls `element()` for each element of an array. It must read the value or skip it.
    template <typename F>
    void array(F&& element);

    /// An object whose member `type` says what the others mean, wherever it stands among them:
    /// calls `begin(type)` first, then `member(key)` for each other one.
    template <typename B, typename F>
    void tagged(B&& begin, F&& member);

    /// Where the reader stands, to read the same value again.
    std::size_t position() const { return at_; }
    void go_back(std::size_t position) { at_ = position; }

    [[noreturn]] void fail(std::string_view expected) const;

private:
    void white();
    bool take(char c);
    void open(char c);
    void word(std::string_view text);
    std::string_view escaped(std::size_t start);
    unsigned code_point();
    unsigned four_digits();

    std::int64_t signed_integer(std::string_view digits, std::int64_t least,
                                std::int64_t most) const;
    std::uint64_t unsigned_integer(std::string_view digits, std::uint64_t most) const;

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    std::string unescaped_;
};

template <std::integral T>
T JsonReader::integer() {
    const std::string_view digits = peek() == Kind::string ? string() : number();
    if constexpr (std::signed_integral<T>) {
        return static_cast<T>(
            signed_integer(digits, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    } else {
        return static_cast<T>(unsigned_integer(digits, std::numeric_limits<T>::max()));
    }
}

template <typename F>
void JsonReader::object(F&& member) {
    open('{');
    if (!take('}')) {
        do {
            white();
            const std::string_view key = string();
            if (!take(':')) fail("':'");
            member(key);
        } while (take(','));
        if (!take('}')) fail("',' or '}'");
    }
    --depth_;
}

template <typename F>
void JsonReader::array(F&& element) {
    open('[');
    if (!take(']')) {
        do {
            element();
        } while (take(','));
        if (!take(']')) fail("',' or ']'");
    }
    --depth_;
}

template <typename B, typename F>
void JsonReader::tagged(B&& begin, F&& member) {
    white();
    const std::size_t start = position();
    std::optional<std::size_t> type;
    bool passed_over = false;
    // Everybody writes the type first, so one pass is nearly always all.
    object([&](std::string_view key) {
        if (key == "type" && !type) {
            type = position();
            begin(string());
        } else if (type && key != "type") {
            member(key);
        } else {
            passed_over = passed_over || !type;
            skip();
        }
    });
    if (!type) fail("a member 'type'");
    if (!passed_over) return;
    go_back(start);
    object([&](std::string_view key) {
        if (position() < *type) {
            member(key);
        } else {
            skip();
        }
    });
}

}  // namespace tidemark::hrana
