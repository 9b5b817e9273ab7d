#pragma once

#include <memory>
#include <string>

#include <tidemark/replica.hpp>

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "primary/open.hpp"
#include "primary/primary.hpp"
#include "schema/catalog.hpp"
#include "sqlite/connection.hpp"
#include "sync/store.hpp"

/// How a file and a primary meet for the first time. Everything here can be cut off anywhere and
/// taken up again by attach, clone or sync.
namespace tidemark {

AttachReport attach_replica(const std::string& path, const std::string& primary,
                            const AttachOptions& options, Clock& clock, Rng& rng);

AttachReport clone_replica(const std::string& primary, const std::string& path,
                           const CloneOptions& options, Clock& clock, Rng& rng);

/// The primary of this replica, or of the file that is to become one.
std::unique_ptr<SqlEndpoint> open_primary_of(Connection& replica, const Location& location,
                                             bool create, const Access& access);

/// Uploads what a replica in the state `uploading` has not uploaded yet. Returns how many rows have
/// been uploaded, also by an attempt before.
std::int64_t continue_upload(Connection& connection, SqlEndpoint& endpoint,
                             const OnProgress& progress);

/// Copies a database with SQLite's backup API, and checks the copy. Throws Error where `to` exists.
void back_up(Connection& connection, const std::string& to);

/// The name that a device goes by where none is given.
std::string host_name();

}  // namespace tidemark
