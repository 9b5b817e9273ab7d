#include "auth/ed25519.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <tidemark/error.hpp>

namespace tidemark::auth {
namespace {

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free>;

/// OpenSSL keeps a list of errors for each thread; what is not taken from it confuses a later call.
Error failed(ErrorCode code, std::string message, std::string hint = {}) {
    ERR_clear_error();
    return {code, std::move(message), std::move(hint)};
}

template <typename T>
T* required(T* made) {
    if (made == nullptr) throw failed(ErrorCode::failed, "OpenSSL could not do its work");
    return made;
}

KeyHandle owned(EVP_PKEY* key) { return {required(key), EVP_PKEY_free}; }

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Bio reading(const std::string& text) {
    return Bio(required(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))));
}

template <typename Write>
std::string written(Write write) {
    const Bio bio(required(BIO_new(BIO_s_mem())));
    if (write(bio.get()) != 1) throw failed(ErrorCode::failed, "OpenSSL could not write the key");
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::size_t blocks_in(std::string_view pem) {
    constexpr std::string_view begin = "-----BEGIN ";
    std::size_t count = 0;
    for (auto at = pem.find(begin); at != pem.npos; at = pem.find(begin, at + begin.size())) {
        ++count;
    }
    return count;
}

/// A key file is never encrypted; without this OpenSSL would ask at the terminal.
int no_password(char*, int, int, void*) { return -1; }

}  // namespace

std::vector<PublicKey> PublicKey::read_pem(const std::string& pem) {
    const Bio bio = reading(pem);
    std::vector<PublicKey> keys;
    while (EVP_PKEY* key = PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr)) {
        keys.push_back(PublicKey(owned(key)));
        if (EVP_PKEY_id(key) != EVP_PKEY_ED25519) {
            throw failed(ErrorCode::usage, "the key is not an Ed25519 key",
                         "'tidemark keys create' makes one.");
        }
    }
    if (keys.empty() || keys.size() != blocks_in(pem)) {
        throw failed(ErrorCode::usage, "this is no public key in PEM form",
                     "It begins with '-----BEGIN PUBLIC KEY-----'.");
    }
    ERR_clear_error();
    return keys;
}

PublicKey PublicKey::from_bytes(std::string_view bytes) {
    EVP_PKEY* key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(bytes), bytes.size());
    if (key == nullptr) {
        throw failed(ErrorCode::usage, "an Ed25519 public key has 32 bytes, and this has " +
                                           std::to_string(bytes.size()));
    }
    return PublicKey(owned(key));
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
    const Digest digest(required(EVP_MD_CTX_new()));
    const bool right =
        EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, handle_.get()) == 1 &&
        EVP_DigestVerify(digest.get(), bytes_of(signature), signature.size(), bytes_of(message),
                         message.size()) == 1;
    if (!right) ERR_clear_error();
    return right;
}

PrivateKey PrivateKey::generate() {
    return PrivateKey(owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
}

PrivateKey PrivateKey::read_pem(const std::string& pem) {
    EVP_PKEY* key = PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_password, nullptr);
    if (key == nullptr) {
        throw failed(ErrorCode::usage, "this is no private key in PEM form",
                     "It begins with '-----BEGIN PRIVATE KEY-----'.");
    }
    PrivateKey made(owned(key));
    if (EVP_PKEY_id(key) != EVP_PKEY_ED25519) {
        throw failed(ErrorCode::usage, "the key is not an Ed25519 key",
                     "'tidemark keys create' makes one.");
    }
    return made;
}

std::string PrivateKey::pem() const {
    return written([&](BIO* bio) {
        return PEM_write_bio_PrivateKey(bio, handle_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

std::string PrivateKey::public_pem() const {
    return written([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, handle_.get()); });
}

std::string PrivateKey::sign(std::string_view message) const {
    const Digest digest(required(EVP_MD_CTX_new()));
    std::string signature(64, '\0');
    std::size_t size = signature.size();
    if (EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, handle_.get()) != 1 ||
        EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes_of(message), message.size()) != 1) {
        throw failed(ErrorCode::failed, "OpenSSL could not sign");
    }
    return signature;
}

}  // namespace tidemark::auth
