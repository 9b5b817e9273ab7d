#include "sow-admin/sync_service.hpp"

#include "common/text.hpp"

namespace sow_admin {
namespace {

using tidemark::Error;
using tidemark::ErrorCode;

/// The library's error in the words of this application.
[[noreturn]] void rethrow(const Error& error) {
    if (error.code() == ErrorCode::unreachable) {
        throw SyncNetworkError(ErrorCode::unreachable,
                               "Cannot connect to Turso. Check network and URL.",
                               error.message() +
                                   ". Nothing is lost: run 'sow-admin db sync' again "
                                   "when the network is back.");
    }
    if (error.code() == ErrorCode::unauthorized) {
        throw SyncNetworkError(ErrorCode::unauthorized,
                               "Authentication failed. Check SOW_TURSO_AUTH_TOKEN.",
                               error.message() + ".");
    }
    const bool both_have_songs = error.code() == ErrorCode::choice_needed;
    throw SyncError(
        error.code(), "Sync failed: " + error.message(),
        both_have_songs ? "Run 'sow-admin db sync --merge' to keep both." : error.hint());
}

}  // namespace

SyncStatus SyncService::get_sync_status() {
    const DatabaseStats stats = client_.get_stats();
    SyncStatus status;
    status.is_configured = stats.turso_configured;
    status.turso_url = mask_url(client_.turso_url());
    status.has_auth_token = client_.has_auth_token();
    status.last_sync_at = stats.last_sync_at;
    status.sync_version = stats.sync_version;
    status.local_device_id = stats.local_device_id;
    status.local_songs = stats.table_counts.at("songs");
    status.local_recordings = stats.table_counts.at("recordings");
    return status;
}

void SyncService::validate_config() const {
    if (client_.turso_url().empty()) {
        throw SyncConfigError(ErrorCode::usage,
                              "Turso sync not configured. Set [turso] database_url in config.toml",
                              "Run 'sow-admin config set turso_database_url URL'.");
    }
    if (!client_.is_turso_enabled()) {
        throw SyncConfigError(
            ErrorCode::usage, "SOW_TURSO_AUTH_TOKEN environment variable not set",
            "Run 'export SOW_TURSO_AUTH_TOKEN=…' with the token of the database.");
    }
}

SyncResult SyncService::execute_sync(bool merge) {
    validate_config();
    SyncResult result;
    const DatabaseStats before = client_.get_stats();
    result.songs_before = before.table_counts.at("songs");
    result.recordings_before = before.table_counts.at("recordings");
    try {
        client_.sync(merge);
    } catch (const SyncError&) {
        throw;
    } catch (const Error& error) {
        rethrow(error);
    }
    result.sync_timestamp = examples::now_utc();
    client_.update_sync_metadata("last_sync_at", result.sync_timestamp);
    ensure_device_id();
    const DatabaseStats after = client_.get_stats();
    result.songs_after = after.table_counts.at("songs");
    result.recordings_after = after.table_counts.at("recordings");
    result.success = true;
    return result;
}

std::string SyncService::ensure_device_id() {
    std::string id = client_.sync_metadata("local_device_id");
    if (id.empty()) {
        id = examples::new_uuid();
        client_.update_sync_metadata("local_device_id", id);
    }
    return id;
}

std::string SyncService::mask_url(const std::string& url) { return tidemark::masked(url); }

}  // namespace sow_admin
