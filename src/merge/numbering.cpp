#include "merge/numbering.hpp"

#include <limits>

#include <tidemark/error.hpp>

namespace tidemark::merge {
namespace {

constexpr const char* digits = "0123456789";

/// A text around its last run of digits.
struct Numbered {
    std::string before, number, after;
};

Numbered split(const std::string& text) {
    const std::size_t last = text.find_last_of(digits);
    if (last == std::string::npos) return {text, "", ""};
    const std::size_t other = text.find_last_not_of(digits, last);
    const std::size_t first = other == std::string::npos ? 0 : other + 1;
    return {text.substr(0, first), text.substr(first, last + 1 - first), text.substr(last + 1)};
}

std::string next_text(const std::string& text) {
    Numbered parts = split(text);
    if (parts.number.empty()) return text + "-2";
    std::size_t nines = parts.number.size();
    while (nines > 0 && parts.number[nines - 1] == '9') parts.number[--nines] = '0';
    if (nines == 0) {
        parts.number.insert(parts.number.begin(), '1');
    } else {
        ++parts.number[nines - 1];
    }
    return parts.before + parts.number + parts.after;
}

std::string without_zeros(const std::string& number) {
    const std::size_t first = number.find_first_not_of('0');
    return first == std::string::npos ? std::string() : number.substr(first);
}

}  // namespace

Value next_number(const Value& value) {
    const auto none_after = [](const std::string& number) {
        return Error(ErrorCode::failed, "there is no number after " + number,
                     "Give the row with that number a smaller one.");
    };
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        if (*number < std::numeric_limits<std::int64_t>::max()) return *number + 1;
        throw none_after(std::to_string(*number));
    }
    if (const auto* real = std::get_if<double>(&value)) {
        if (*real + 1.0 > *real) return *real + 1.0;
        throw none_after(std::to_string(*real));
    }
    if (const auto* blob = std::get_if<Blob>(&value)) return Blob{next_text(blob->bytes)};
    if (const auto* text = std::get_if<std::string>(&value)) return next_text(*text);
    return value;
}

bool same_pattern(const Value& a, const Value& b) {
    const auto* left = std::get_if<std::string>(&a);
    const auto* right = std::get_if<std::string>(&b);
    if (!left || !right) return a.index() == b.index();
    const Numbered one = split(*left), other = split(*right);
    return one.before == other.before && one.after == other.after;
}

bool numbers_below(const Value& a, const Value& b) {
    const auto* left = std::get_if<std::string>(&a);
    const auto* right = std::get_if<std::string>(&b);
    if (!left || !right) return compare(a, b) < 0;
    const std::string one = without_zeros(split(*left).number);
    const std::string other = without_zeros(split(*right).number);
    return one.size() != other.size() ? one.size() < other.size() : one < other;
}

}  // namespace tidemark::merge
