#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tidemark/tidemark.hpp>

#include "shark/places.hpp"
#include "shark/sync_state.hpp"

namespace shark {

/// A key that two machines gave out offline: the later one changed it.
struct Renumbered {
    std::string before;  ///< "T-E13-F02-001"
    std::string after;
    std::string title;
};

struct Login {
    std::string url;
    std::string token;   ///< empty: the primary asks for none
    std::string backup;  ///< a file to copy the local database to first; empty: none
    /// What to do where there are tasks on both sides.
    tidemark::FirstMerge first_merge = tidemark::FirstMerge::refuse;
    tidemark::OnProgress on_progress;
};

/// Everything that shark asks of Tidemark.
class Cloud {
public:
    explicit Cloud(Places places) : places_(std::move(places)) {}

    bool connected() const { return places_.in_cloud(); }

    /// Makes the local database the replica of a primary and does the first sync.
    tidemark::AttachReport login(const Login& login);
    /// Exchanges changes. What happened, or did not, is kept in the state and the log.
    tidemark::SyncReport sync(tidemark::Direction direction = tidemark::Direction::both,
                              const tidemark::OnProgress& on_progress = {});
    /// What an exchange came to, for the state and the log.
    void note(const tidemark::SyncReport& report) const;
    void note(const tidemark::Error& failure) const;
    tidemark::SyncPlan plan();
    tidemark::Status status();
    /// Of this month: as the cloud counts it, or what this machine exchanged where that is more.
    tidemark::Usage usage() const;
    std::vector<tidemark::Conflict> conflicts();
    /// The keys that syncs have changed since this was last asked.
    std::vector<Renumbered> news();
    /// Makes the replica the local database again. Throws Error{choice_needed} where changes were
    /// not sent or conflicts are open, unless `force`.
    void logout(bool force);
    /// Copies the tasks into an ordinary SQLite file.
    void export_to(const std::string& file);

    /// The token for this primary; empty where it asks for none.
    std::string token() const;
    SyncState state() const { return SyncState::load(places_.state); }

private:
    tidemark::Replica open() const;
    void log(const std::string& line) const;

    Places places_;
};

/// Whether a primary at this place is sure to ask for a token: one behind a URL on another machine.
bool needs_token(const std::string& url);

/// The token for it: what find_token() finds. Empty where none is known and none need be.
std::string token_for(const std::string& url, const Places& places);

}  // namespace shark
