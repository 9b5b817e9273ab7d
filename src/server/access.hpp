#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/permission.hpp"
#include "auth/verifier.hpp"
#include "server/fault.hpp"

namespace tidemark::server {

/// Decides who may do what. Without keys everybody may do everything. Any thread may call it.
class Access {
public:
    /// `keys`: what auth::Verifier takes; empty: no token is asked for. Throws Error.
    Access(const std::string& keys, bool read_only);

    using Own = std::optional<auth::Verifier>;

    /// What an `Authorization` header allows; `own`: the keys that the database asks for instead of
    /// the server's. Throws HttpFault{401}.
    std::shared_ptr<const auth::Permission> of_header(std::string_view header,
                                                      const Own& own = {}) const;
    /// The same for the bare token of a WebSocket's hello. Throws Fault.
    std::shared_ptr<const auth::Permission> of_token(std::string_view token, const Own& own) const;

    /// The rights in a database, within what the server itself allows. A database that the caller
    /// may not see does not exist for it: throws HttpFault{404}.
    auth::Rights in(const auth::Permission& permission, std::string_view database) const;

    bool asks() const { return verifier_.has_value(); }

private:
    std::optional<auth::Verifier> verifier_;
    std::shared_ptr<const auth::Permission> full_;
    bool read_only_;
};

}  // namespace tidemark::server
