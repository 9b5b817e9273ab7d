#include "server/access.hpp"

#include "base/clock.hpp"

namespace tidemark::server {

using auth::Permission;
using auth::Refusal;

namespace {

std::int64_t now_s() { return system_clock().now_ms() / 1'000; }

}  // namespace

Access::Access(const std::string& keys, bool read_only)
    : full_(std::make_shared<const Permission>(Permission::full())), read_only_(read_only) {
    if (!keys.empty()) verifier_.emplace(keys);
}

std::shared_ptr<const Permission> Access::of_header(std::string_view header, const Own& own) const {
    const Own& verifier = own ? own : verifier_;
    if (!verifier) return full_;
    auto token = auth::bearer_token(header);
    if (const auto* refusal = std::get_if<Refusal>(&token)) {
        throw HttpFault(401, refusal->code, "Unauthorized: " + refusal->message);
    }
    auto verified = verifier->verify(std::get<std::string_view>(token), now_s());
    if (const auto* refusal = std::get_if<Refusal>(&verified)) {
        throw HttpFault(401, refusal->code, "Unauthorized: " + refusal->message);
    }
    return std::get<std::shared_ptr<const Permission>>(verified);
}

std::shared_ptr<const Permission> Access::of_token(std::string_view token, const Own& own) const {
    const Own& verifier = own ? own : verifier_;
    if (!verifier) return full_;
    auto verified = verifier->verify(token, now_s());
    if (const auto* refusal = std::get_if<Refusal>(&verified)) {
        throw Fault(refusal->code, refusal->message);
    }
    return std::get<std::shared_ptr<const Permission>>(verified);
}

auth::Rights Access::in(const Permission& permission, std::string_view database) const {
    auth::Rights rights = permission.in(database);
    if (!rights.read && !rights.write) {
        throw HttpFault(404, "NAMESPACE_NOT_FOUND",
                        "There is no database '" + std::string(database) + "'");
    }
    if (read_only_) rights.write = false;
    return rights;
}

}  // namespace tidemark::server
