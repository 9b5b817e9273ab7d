#include <boost/json.hpp>
#include <charconv>
#include <cmath>

#include <tidemark/error.hpp>

#include "base/text.hpp"
#include "sync/conflict_log.hpp"

namespace tidemark {
namespace {

namespace json = boost::json;

// JSON knows neither blobs, nor text that is not UTF-8, nor the difference between 1 and 1.0: those
// stand as an object that names the storage class.
json::value encode(const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    if (const auto* real = std::get_if<double>(&value)) {
        char digits[40];
        const auto end = std::to_chars(digits, digits + sizeof digits, *real).ptr;
        return json::object{{"real", std::string(digits, end)}};
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        if (is_utf8(*text)) return json::value(*text);
        return json::object{{"text", to_hex(*text)}};
    }
    if (const auto* blob = std::get_if<Blob>(&value)) {
        return json::object{{"blob", to_hex(blob->bytes)}};
    }
    return nullptr;
}

Value decode(const json::value& value) {
    if (value.is_int64()) return std::int64_t{value.get_int64()};
    if (value.is_string()) return std::string(value.get_string());
    if (!value.is_object()) return std::monostate{};
    const auto& [kind, content] = *value.get_object().begin();
    const std::string text(content.as_string());
    if (kind == "real") {
        double real = 0;
        std::from_chars(text.data(), text.data() + text.size(), real);
        return real;
    }
    if (kind == "blob") return Blob{from_hex(text)};
    return from_hex(text);
}

}  // namespace

std::string to_json(const NamedValues& values) {
    json::array out;
    for (const auto& [name, value] : values) {
        json::array pair;
        pair.emplace_back(name);
        pair.emplace_back(encode(value));
        out.emplace_back(std::move(pair));
    }
    return json::serialize(out);
}

NamedValues values_from_json(const std::string& text) {
    NamedValues values;
    const json::value document = json::parse(text);
    for (const json::value& pair : document.as_array()) {
        values.emplace_back(std::string(pair.at(0).as_string()), decode(pair.at(1)));
    }
    return values;
}

}  // namespace tidemark
