#include "sow-admin/content_hash.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <fstream>
#include <memory>

#include <tidemark/error.hpp>

namespace sow_admin {

std::string content_hash(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
    char part[65536];
    while (file.read(part, sizeof part) || file.gcount() > 0) {
        EVP_DigestUpdate(context.get(), part, static_cast<std::size_t>(file.gcount()));
    }
    if (!file.eof()) {
        throw tidemark::Error(tidemark::ErrorCode::failed, path + " cannot be read",
                              "Check the path.");
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(context.get(), digest, &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
}

}  // namespace sow_admin
