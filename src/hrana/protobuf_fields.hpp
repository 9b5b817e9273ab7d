#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <protozero/pbf_reader.hpp>

#include "base/text.hpp"
#include "hrana/malformed.hpp"

namespace tidemark::hrana::protobuf {

/// One field of a message. Each function reads its value, and throws Malformed where the field is
/// of another kind.
class Field {
public:
    explicit Field(protozero::pbf_reader& reader) : reader_(reader), number_(reader.tag()) {}

    std::uint32_t number() const { return number_; }

    /// Of a string that need not be text, or a message.
    std::string_view bytes() {
        require(protozero::pbf_wire_type::length_delimited);
        const protozero::data_view view = reader_.get_view();
        return {view.data(), view.size()};
    }
    std::string text() {
        const std::string_view text = bytes();
        if (!is_utf8(text)) throw Malformed("malformed message: a text is not UTF-8");
        return std::string(text);
    }
    // Protozero's get_bool looks at the byte before it looks whether there is one.
    bool boolean() { return uint64() != 0; }
    std::int32_t int32() { return varint(&protozero::pbf_reader::get_int32); }
    std::uint32_t uint32() { return varint(&protozero::pbf_reader::get_uint32); }
    std::uint64_t uint64() { return varint(&protozero::pbf_reader::get_uint64); }
    std::int64_t sint64() { return varint(&protozero::pbf_reader::get_sint64); }
    double real() {
        require(protozero::pbf_wire_type::fixed64);
        return reader_.get_double();
    }

    void skip() { reader_.skip(); }

private:
    // Protozero asserts that the caller asks for the right kind; here the sender decides.
    void require(protozero::pbf_wire_type type) const {
        if (reader_.has_wire_type(type)) return;
        throw Malformed("malformed message: field " + std::to_string(number()) +
                        " is of another kind than Hrana says");
    }
    template <typename T>
    T varint(T (protozero::pbf_reader::*read)()) {
        require(protozero::pbf_wire_type::varint);
        return (reader_.*read)();
    }

    protozero::pbf_reader& reader_;
    std::uint32_t number_;  ///< the reader forgets it as soon as the value is read
};

/// Calls `each(field)` for each field of `message`. It must read the field or skip it.
template <typename F>
void fields(std::string_view message, F&& each) {
    try {
        protozero::pbf_reader reader(message.data(), message.size());
        while (reader.next()) {
            Field field(reader);
            each(field);
        }
    } catch (const protozero::exception& error) {
        throw Malformed(std::string("malformed message: ") + error.what());
    }
}

/// The message in the only field of `message` that counts, field 1; fails where it is missing.
inline std::string_view only_field(std::string_view message) {
    std::string_view found;
    bool any = false;
    fields(message, [&](Field& field) {
        if (field.number() != 1) return field.skip();
        found = field.bytes();
        any = true;
    });
    if (!any) throw Malformed("malformed message: its field 1 is missing");
    return found;
}

}  // namespace tidemark::hrana::protobuf
