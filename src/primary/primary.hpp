#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "primary/endpoint.hpp"
#include "primary/ledger.hpp"
#include "schema/table.hpp"

namespace tidemark {

/// For a caller that takes whatever schema the primary has.
inline constexpr std::int64_t any_schema = -1;

/// Who asks, and what it has absorbed.
struct Caller {
    std::string id;
    std::string device;
    std::string lineage;
    std::int64_t mark = 0;
    std::string nonce;        ///< of the commit `mark`
    std::int64_t pushes = 0;  ///< how many pushes of ours the primary has acknowledged
    std::string intent;       ///< the nonce of the push that was under way last; empty: none
    std::int64_t schema = 0;  ///< the version that the caller knows; any_schema: none yet
    std::int64_t now_ms = 0;  ///< what the caller takes the primary's time to be
};

/// Where the primary stands.
struct Head {
    /// Its schema is not the one that the caller knows: agree on it first. The rest says nothing.
    bool schema_moved = false;
    std::int64_t format = 0;
    std::string lineage;
    std::int64_t seq = 0;
    std::string nonce;
    std::int64_t schema = 0;
    std::string uploader;  ///< the replica whose first upload is under way; empty: none
    std::int64_t now_ms = 0;
    std::string nonce_at_mark;  ///< empty: the primary does not know that commit
    std::int64_t pushes = 0;    ///< how many pushes of the caller it has taken
    bool took_intent = false;   ///< the caller's last push arrived, though the answer may be lost
    std::int64_t pruned = 0;    ///< deletions up to this commit may be forgotten
    bool prune_due = false;     ///< there is something to forget
    bool foreign = false;       ///< other programs have written since the last fold
};

/// How far the pull of one table has come: past this commit, or past a row of the ledger within it.
struct Cursor {
    std::int64_t seq = 0;
    std::optional<std::int64_t> rowid = {};
};

struct Exchanged {
    Head head;
    std::vector<Rows> tables;                    ///< for each table, a page as of ledger::pull_sql
    std::map<std::string, std::string> devices;  ///< names by replica id
    bool complete = false;                       ///< the pages reach the head
    bool pushed = false;
};

/// What a push leaves behind at the primary besides rows.
struct Commit {
    std::string nonce;
    std::int64_t rows = 0;
    std::int64_t clock = 0;  ///< the highest time in the push
};

/// The primary as a replica sees it. Every method is one round trip unless it says otherwise.
class Primary {
public:
    explicit Primary(SqlEndpoint& endpoint) : endpoint_(endpoint) {}

    /// False where the database there has none of Tidemark's tables.
    bool initialised();
    Head head(const Caller& caller, const std::vector<Table>& tables);

    /// The next page of what changed past the cursors, which move on; and where `push` is given,
    /// the push of these steps, which happens only if the caller is up to date. After begin() it is
    /// committed by commit().
    Exchanged exchange(const Caller& caller, const std::vector<Table>& tables,
                       std::vector<Cursor>& cursors, const std::vector<Step>* push,
                       const Commit* commit);

    /// A transaction of several requests that holds the primary's write lock: whatever is called
    /// before commit() or abandon() is a part of it. Only where the endpoint holds transactions.
    void begin();
    void commit();
    void abandon() noexcept;
    /// The first and the last step of a request that is one transaction; steps that do nothing
    /// where it is a part of the one that is open.
    Step opening(const std::string& sql) const;
    Step closing() const;

    /// A push in several requests, all in one transaction. Returns false where the caller is not up
    /// to date; then nothing has happened. An endpoint that defers says so only at the end.
    bool begin_push(const Caller& caller, const std::vector<Table>& tables);
    void push_page(const std::vector<Step>& steps);
    bool commit_push(const Caller& caller, const std::vector<Table>& tables, const Commit& commit);

    /// Gives a commit number to what other programs wrote. `called` has the names of tables that
    /// were renamed since they were tracked. Returns false where the primary's schema is not
    /// `schema`; then nothing has happened.
    bool fold(std::int64_t schema, const std::vector<Table>& tables, const std::string& nonce,
              const std::map<std::string, std::string>& called = {});

    /// Forgets commits and deletions past the horizon.
    void prune(const std::vector<Table>& tables);

    SqlEndpoint& endpoint() { return endpoint_; }

private:
    static std::vector<Step> head_steps(const Caller& caller, const std::vector<Table>& tables,
                                        bool writing);
    static bool schema_moved(const Caller& caller, const Answer& answer, std::size_t at);
    static Step head_step(const Caller& caller, const std::vector<Table>& tables);
    static Head read_head(const Caller& caller, const Rows& rows);
    void add_pull(std::vector<Step>& steps, const Table& table, const Cursor& cursor);
    bool take_page(Rows&& page, Rows& into, Cursor& cursor);
    static Step guard_step(const Caller& caller, const std::vector<Table>& tables);
    std::vector<Step> commit_steps(const Caller& caller, const std::vector<Table>& tables,
                                   const Commit& commit) const;

    SqlEndpoint& endpoint_;
    bool open_ = false;  ///< a transaction of several requests is under way
};

}  // namespace tidemark
