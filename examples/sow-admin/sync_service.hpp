#pragma once

#include <string>

#include "sow-admin/client.hpp"

namespace sow_admin {

/// The configuration lacks what a sync needs.
class SyncConfigError : public SyncError {
    using SyncError::SyncError;
};

/// The primary was not reached, or refused us.
class SyncNetworkError : public SyncError {
    using SyncError::SyncError;
};

/// Syncs when it is told to, and never else.
class SyncService {
public:
    /// Borrows the client.
    explicit SyncService(DatabaseClient& client) : client_(client) {}

    /// What is configured and what is here. Works without a configuration, and without a network.
    SyncStatus get_sync_status();
    /// Throws SyncConfigError.
    void validate_config() const;
    /// Throws SyncConfigError, SyncNetworkError, or SyncError for anything else that went wrong.
    SyncResult execute_sync(bool merge = false);
    /// This device's name in sync_metadata; made at the first call and kept.
    std::string ensure_device_id();
    static std::string mask_url(const std::string& url);

private:
    DatabaseClient& client_;
};

}  // namespace sow_admin
