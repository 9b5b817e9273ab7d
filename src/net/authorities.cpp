#include "net/authorities.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>

namespace tidemark::net {
namespace {

std::int64_t changed_ns(const std::string& file) {
    struct stat status {};
    if (file.empty() || ::stat(file.c_str(), &status) != 0) return 0;
    return status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
}

const char* or_null(const std::string& path) { return path.empty() ? nullptr : path.c_str(); }

}  // namespace

Authorities::Authorities() = default;
Authorities::~Authorities() = default;

void Authorities::Free::operator()(x509_store_st* store) const { X509_STORE_free(store); }

bool Authorities::give(void* context, const std::string& bundle, const std::string& folder) {
    const std::lock_guard lock(mutex_);
    const std::int64_t changed = changed_ns(bundle);
    if (!store_ || bundle != bundle_ || folder != folder_ || changed != changed_ns_) {
        std::unique_ptr<x509_store_st, Free> store(X509_STORE_new());
        if (!store ||
            X509_STORE_load_locations(store.get(), or_null(bundle), or_null(folder)) != 1) {
            return false;
        }
        // As libcurl does: a certificate that is trusted itself ends the chain.
        X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
        store_ = std::move(store);
        bundle_ = bundle;
        folder_ = folder;
        changed_ns_ = changed;
    }
    SSL_CTX_set1_cert_store(static_cast<SSL_CTX*>(context), store_.get());
    return true;
}

}  // namespace tidemark::net
