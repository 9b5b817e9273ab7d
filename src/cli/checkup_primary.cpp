#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "auth/credentials.hpp"
#include "auth/masking.hpp"
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"
#include "base/tuning.hpp"
#include "cli/checkup.hpp"
#include "cli/format.hpp"
#include "primary/primary.hpp"
#include "sync/devices.hpp"
#include "sync/first_contact.hpp"
#include "sync/identity.hpp"
#include "sync/store.hpp"

namespace tidemark::cli {
namespace {

using State = Finding::State;
using Remedy = Finding::Remedy;

Finding finding(std::string name, State state, std::string found, std::string advice = {}) {
    return {std::move(name), state, std::move(found), std::move(advice), ErrorCode::failed, {}, {}};
}

Finding trouble(std::string name, const Error& error) {
    return {std::move(name), State::trouble, error.message(), error.hint(), error.code(), {}, {}};
}

/// The proxy that a request would go through; empty: none is set.
std::string proxy_variable() {
    for (const char* name :
         {"HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') return name;
    }
    return {};
}

Finding check_token(const Location& location, const TokenProvider& provider) {
    try {
        const auto token =
            auth::token_for(location.path, provider ? provider(location.path) : std::string());
        if (!token) {
            return finding("token", State::good, "none is known, and the server may ask for none");
        }
        const std::int64_t now_ms = system_clock().now_ms();
        const std::string where = "the one from " + token->source;
        if (!token->claims.expires_s) {
            return finding("token", State::good, where + " is used, and never expires");
        }
        const std::int64_t expires_ms = *token->claims.expires_s * 1000;
        const std::string text =
            fmt::format("{} is used, and expires {}", where, ago(expires_ms, now_ms));
        if (expires_ms - now_ms > tuning::token_notice_ms) {
            return finding("token", State::good, text);
        }
        return finding("token", State::note, text,
                       "Get a new one where this one came from, and save it with 'tidemark "
                       "login'.");
    } catch (const Error& error) {
        return trouble("token", error);
    }
}

/// Of a primary that is a file: whether its place is one where it cannot be damaged.
Finding check_place(const Location& location) {
    try {
        const Location looked_at = Location::parse(location.path, {.copied_folder = true});
        if (!looked_at.warnings.empty()) {
            return finding("network", State::note, join(looked_at.warnings, " "));
        }
        return finding("network", State::good, "none is needed: the primary is a file");
    } catch (const Error& error) {
        return trouble("network", error);
    }
}

Finding check_clock(std::int64_t offset_ms, const Meta& meta) {
    const std::int64_t ahead_ms = meta.clock - system_clock().now_ms();
    if (std::abs(offset_ms) > tuning::clock_tolerance_ms) {
        return finding("clock", State::note,
                       fmt::format("{} {} the primary's", duration(std::abs(offset_ms)),
                                   offset_ms > 0 ? "behind" : "ahead of"),
                       "Set it right ('timedatectl set-ntp true'); until then the times of edits "
                       "are corrected as they are sent.");
    }
    if (ahead_ms > tuning::clock_tolerance_ms) {
        return finding("clock", State::note,
                       fmt::format("an edit was made {} ahead of it", duration(ahead_ms)),
                       "Edits count as later than that one until then; nothing has to be done.");
    }
    return finding("clock", State::good, "as the primary's");
}

/// How the primary and this file stand to each other, once it has answered.
Finding check_head(const std::string& path, const Head& head, Identity identity, const Meta& meta,
                   std::int64_t devices, std::int64_t duration_ms) {
    const std::string answered =
        fmt::format("answered in {}, knows {}", duration(duration_ms), count_of(devices, "device"));
    const std::string sync = command_line("sync", path);
    switch (identity) {
        case Identity::copied:
            return finding("primary", State::note,
                           answered + ", and another file syncs under this one's name",
                           fmt::format("One is a copy of the other. '{}' gives this one a new "
                                       "name; nothing is lost.",
                                       sync));
        case Identity::primary_restored:
            return finding("primary", State::note,
                           answered + ", and is older than what this file has: it was restored",
                           fmt::format("'{}' compares everything and sends what it forgot.", sync));
        case Identity::away_too_long:
            return finding("primary", State::note,
                           answered + ", and has forgotten what was deleted since the last sync",
                           fmt::format("'{}' compares everything.", sync));
        case Identity::as_known:
        case Identity::push_arrived: break;
    }
    if (head.schema_moved) {
        return finding("primary", State::good, answered + ", and has another schema than here",
                       fmt::format("'{}' brings it over.", sync));
    }
    if (head.seq == meta.mark && !head.foreign) {
        return finding("primary", State::good, answered + ", has nothing new");
    }
    return finding("primary", State::good,
                   fmt::format("{}, is {} ahead of this file", answered,
                               head.seq == meta.mark ? "edited directly and so"
                                                     : count_of(head.seq - meta.mark, "commit")));
}

/// The findings of asking it: network (of a server), clock, primary.
std::vector<Finding> ask(const std::string& path, Connection& connection, const Location& location,
                         const Meta& meta, const TokenProvider& token) {
    Store store(connection);
    std::vector<Finding> findings;
    const auto network = [&](Finding&& found) {
        if (location.url) findings.push_back(std::move(found));
    };
    const std::string proxy = proxy_variable();
    const std::string way =
        fmt::format("{} is reached{}", location.url ? location.url->place() : "",
                    proxy.empty() ? "" : " through the proxy in " + proxy);
    try {
        const auto endpoint =
            open_primary_of(connection, location, false, {token, system_clock(), system_rng()});
        Primary primary(*endpoint);
        if (!primary.initialised()) {
            throw Error(ErrorCode::choice_needed,
                        "the database at " + endpoint->name() + " is no primary",
                        "Detach this file, and attach it to the primary that it belongs to.");
        }
        const std::int64_t started = system_clock().steady_ms();
        Caller anybody = meta.caller();
        anybody.schema = any_schema;  // who it is counts before what its schema is
        const Head who = primary.head(anybody, {});
        const std::int64_t offset_ms = who.now_ms - system_clock().now_ms();
        const std::int64_t took_ms = system_clock().steady_ms() - started;
        const Identity identity = judge_identity(meta, who, endpoint->name());
        const Head head = primary.head(meta.caller(), store.tables());
        const auto devices = std::int64_t(read_devices(*endpoint, meta.replica).size());
        network(finding("network", State::good, way));
        findings.push_back(check_clock(offset_ms, meta));
        findings.push_back(check_head(path, head, identity, meta, devices, took_ms));
    } catch (const Error& error) {
        if (findings.empty()) {
            const bool reached = error.code() != ErrorCode::unreachable;
            if (reached) network(finding("network", State::good, way));
            findings.push_back(check_clock(meta.clock_offset_ms, meta));
            findings.push_back(trouble(reached || !location.url ? "primary" : "network", error));
        } else {
            findings.push_back(trouble("primary", error));
        }
    }
    return findings;
}

}  // namespace

std::vector<Finding> check_primary(const std::string& path, const TokenProvider& token) {
    std::vector<Finding> findings;
    try {
        Connection connection(path);
        Store store(connection);
        if (store.role() != Store::Role::replica) return findings;
        const Meta meta = store.meta();
        const Location location = Location::stored(meta.primary);
        if (location.url) {
            findings.push_back(check_token(location, token));
            // Without a token that may be sent, asking says the same once more.
            if (findings.back().state == State::trouble) return findings;
        } else {
            findings.push_back(check_place(location));
            if (findings.back().state == State::trouble) return findings;
        }
        const std::vector<Finding> asked = ask(path, connection, location, meta, token);
        findings.insert(findings.end(), asked.begin(), asked.end());
    } catch (const Error&) {  // that the file cannot be read is a finding of check_file()
    }
    return findings;
}

}  // namespace tidemark::cli
