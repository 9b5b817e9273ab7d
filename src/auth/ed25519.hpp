#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace tidemark::auth {

using KeyHandle = std::shared_ptr<evp_pkey_st>;

/// A key that checks signatures. Copies share it, and any thread may use it.
class PublicKey {
public:
    /// The keys in `pem`: one or more PUBLIC KEY blocks. Throws Error{usage} where there is none,
    /// or one of another kind.
    static std::vector<PublicKey> read_pem(const std::string& pem);
    /// From its 32 bytes. Throws Error{usage} for another length.
    static PublicKey from_bytes(std::string_view bytes);

    bool verifies(std::string_view message, std::string_view signature) const;

private:
    friend class PrivateKey;
    explicit PublicKey(KeyHandle handle) : handle_(std::move(handle)) {}
    KeyHandle handle_;
};

/// A key that signs.
class PrivateKey {
public:
    static PrivateKey generate();
    /// Throws Error{usage} where `pem` holds no private Ed25519 key.
    static PrivateKey read_pem(const std::string& pem);

    std::string pem() const;
    std::string public_pem() const;
    PublicKey public_key() const { return PublicKey(handle_); }
    std::string sign(std::string_view message) const;

private:
    explicit PrivateKey(KeyHandle handle) : handle_(std::move(handle)) {}
    KeyHandle handle_;
};

}  // namespace tidemark::auth
