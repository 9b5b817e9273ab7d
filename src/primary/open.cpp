#include "primary/open.hpp"

#include <string>
#include <utility>

#include <tidemark/error.hpp>

#include "auth/credentials.hpp"
#include "base/tuning.hpp"
#include "net/curl_transport.hpp"
#include "primary/file_endpoint.hpp"

namespace tidemark {
namespace {

/// As the connections, of the process.
KnownForms& process_forms() {
    static KnownForms forms;
    return forms;
}

void require(const char* what, std::int64_t given, std::int64_t least, std::int64_t most) {
    if (given >= least && given <= most) return;
    throw Error(ErrorCode::usage,
                "a batch cannot have " + std::to_string(given) + " " + std::string(what),
                "It has from " + std::to_string(least) + " to " + std::to_string(most) + ".");
}

std::unique_ptr<SqlEndpoint> connect(const Location& location, bool create, const Access& access,
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

}  // namespace

std::unique_ptr<SqlEndpoint> open_primary(const Location& location, bool create,
                                          const Access& access,
                                          HranaEndpoint::TriggersWriting triggers_writing) {
    require("rows", access.batch.rows, tuning::least_batch_rows, tuning::most_batch_rows);
    require("bytes", access.batch.bytes, tuning::least_batch_bytes, tuning::most_batch_bytes);
    auto endpoint = connect(location, create, access, std::move(triggers_writing));
    endpoint->set_batch(access.batch);
    return endpoint;
}

}  // namespace tidemark
