// Nobody can make a baton but the server, and its own it knows again.

#include <cstring>

#include "fuzz/fuzz.hpp"
#include "server/baton.hpp"

namespace tidemark::fuzz {

void fuzz_baton(std::string_view bytes) {
    static const server::BatonMaker maker;
    if (maker.read(bytes)) std::abort();
    server::Baton baton;
    std::memcpy(&baton, bytes.data(), std::min(bytes.size(), sizeof baton));
    std::string text = maker.write(baton);
    if (maker.read(text) != baton) std::abort();
    if (bytes.empty()) return;
    char& changed = text[static_cast<unsigned char>(bytes.front()) % text.size()];
    if (changed == bytes.back()) return;
    changed = bytes.back();
    if (maker.read(text)) std::abort();
}

}  // namespace tidemark::fuzz

TIDEMARK_FUZZ(tidemark::fuzz::fuzz_baton)
