#pragma once

#include <cstdint>
#include <string>

#include <protozero/pbf_writer.hpp>

namespace tidemark::hrana::protobuf {

/// Writes one message; a message inside another ends with the life of its writer. Unlike
/// pbf_writer, whose functions it has, it does not leave out a message without fields: in Hrana
/// such a one is often all that there is to say.
class MessageWriter : public protozero::pbf_writer {
public:
    explicit MessageWriter(std::string& buffer) : protozero::pbf_writer(buffer), buffer_(buffer) {}

    /// The message that is the field `number` of `parent`, which may not be used meanwhile.
    MessageWriter(MessageWriter& parent, std::uint32_t number)
        : MessageWriter(parent, number, parent.buffer_.size()) {}

    ~MessageWriter() {
        if (parent_ == nullptr) return;
        commit();
        if (buffer_.size() == begin_) parent_->add_message(number_, "", 0);
    }

    MessageWriter(const MessageWriter&) = delete;
    MessageWriter& operator=(const MessageWriter&) = delete;

private:
    MessageWriter(MessageWriter& parent, std::uint32_t number, std::size_t begin)
        : protozero::pbf_writer(parent, number),
          buffer_(parent.buffer_),
          parent_(&parent),
          number_(number),
          begin_(begin) {}

    std::string& buffer_;
    MessageWriter* parent_ = nullptr;
    std::uint32_t number_ = 0;
    std::size_t begin_ = 0;
};

}  // namespace tidemark::hrana::protobuf
