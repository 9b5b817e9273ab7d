#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/value.hpp>

namespace tidemark::cli {

/// A field of a CSV file (RFC 4180). Quotes tell an empty text from nothing.
struct CsvField {
    std::string text;
    bool quoted = false;
    bool operator==(const CsvField&) const = default;
};

using CsvRecord = std::vector<CsvField>;

/// Reads the records of a CSV text one by one; lines end in LF or CR LF.
class CsvReader {
public:
    explicit CsvReader(std::string_view text) : text_(text) {}

    /// The next record; nothing at the end. Throws Error{failed} with the line where a quote is not
    /// closed or followed by anything but a separator.
    std::optional<CsvRecord> next();
    /// The line that the last record began on.
    std::size_t line() const { return line_; }

private:
    CsvField field();

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 0;
    std::size_t next_line_ = 1;
};

/// NULL as nothing, text as it is with quotes where needed, a blob as hexadecimal digits.
std::string csv_field(const Value& value);

/// The value of a field: NULL for nothing, text otherwise; the column's affinity makes numbers.
Value value_of(const CsvField& field);

}  // namespace tidemark::cli
