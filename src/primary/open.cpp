#include "primary/open.hpp"

#include "auth/credentials.hpp"
#include "net/curl_transport.hpp"
#include "primary/file_endpoint.hpp"

namespace tidemark {
namespace {

/// As the connections, of the process.
KnownForms& process_forms() {
    static KnownForms forms;
    return forms;
}

}  // namespace

std::unique_ptr<SqlEndpoint> open_primary(const Location& location, bool create,
                                          const Access& access,
                                          HranaEndpoint::TriggersWriting triggers_writing) {
    if (!location.url) return std::make_unique<FileEndpoint>(location.path, create);
    std::string given = location.url->token;
    if (given.empty() && access.token) given = access.token(location.path);
    const auto token = auth::token_for(location.path, given);
    return std::make_unique<HranaEndpoint>(
        *location.url, token ? token->value : std::string(),
        HranaStream::Connected{net::process_transport(), access.clock, access.rng, process_forms()},
        std::move(triggers_writing));
}

}  // namespace tidemark
