#include "cli/csv.hpp"

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "base/text.hpp"

namespace tidemark::cli {
namespace {

std::string quoted_field(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += c;
        out += c;
    }
    return out + '"';
}

}  // namespace

std::optional<CsvRecord> CsvReader::next() {
    if (at_ >= text_.size()) return std::nullopt;
    line_ = next_line_;
    CsvRecord record;
    while (true) {
        record.push_back(field());
        if (at_ >= text_.size()) return record;
        const char separator = text_[at_++];
        if (separator == ',') continue;
        if (separator == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
        ++next_line_;
        return record;
    }
}

CsvField CsvReader::field() {
    CsvField field;
    if (at_ >= text_.size() || text_[at_] != '"') {
        const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
        field.text = text_.substr(at_, end - at_);
        at_ = end;
        return field;
    }
    field.quoted = true;
    for (++at_; at_ < text_.size(); ++at_) {
        if (text_[at_] == '\n') ++next_line_;
        if (text_[at_] != '"') {
            field.text += text_[at_];
            continue;
        }
        ++at_;
        if (at_ < text_.size() && text_[at_] == '"') {
            field.text += '"';
            continue;
        }
        if (at_ == text_.size() ||
            std::string_view(",\r\n").find(text_[at_]) != std::string_view::npos) {
            return field;
        }
        break;
    }
    throw Error(ErrorCode::failed, fmt::format("line {} has a quote out of place", line_),
                "A field with quotes begins and ends with one, and doubles those inside.");
}

std::string csv_field(const Value& value) {
    if (std::holds_alternative<std::monostate>(value)) return {};
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
    if (const auto* blob = std::get_if<Blob>(&value)) return to_hex(blob->bytes);
    const std::string& text = std::get<std::string>(value);
    const bool plain = !text.empty() && text.find_first_of(",\"\r\n") == std::string::npos;
    return plain ? text : quoted_field(text);
}

Value value_of(const CsvField& field) {
    if (field.text.empty() && !field.quoted) return {};
    return field.text;
}

}  // namespace tidemark::cli
