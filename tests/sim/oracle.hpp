#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "schema/table.hpp"
#include "sqlite/connection.hpp"

struct sqlite3_value;

namespace tidemark::sim {

/// What one transaction of an application did to tokens.
struct Edit {
    std::set<std::int64_t> written, removed;

    void write(std::int64_t token);
    void remove(std::int64_t token);
    void add(const Edit& later);
};

/// Knows every value that an application ever committed. A value is told from all others by its
/// token, which every kind of value can hold: 'v12;', x'7631323b', 7000000000012,
/// 7000000000012.25 all hold the token 12.
///
/// At the end each must be somewhere, unless an application overwrote or deleted it knowingly, or
/// the only file that had it was lost.
class Oracle {
public:
    std::int64_t new_token();
    /// The value of a token in a column of this affinity; `variety` chooses among several.
    static Value value_of(std::int64_t token, Affinity affinity, std::int64_t variety);
    /// The token that a value holds; 0: none.
    static std::int64_t token_in(const Value& value);
    static std::int64_t token_in(sqlite3_value* value);

    /// An application's transaction: `durable` where COMMIT has returned.
    void commit(std::int64_t transaction, const Edit& edit, bool durable);
    /// The machine forgot these transactions when its power failed.
    void forget_transactions(const std::vector<std::int64_t>& transactions);
    /// The values need not be anywhere from now on.
    void excuse(const std::set<std::int64_t>& tokens);

    /// Tokens that had to be among these and are not.
    std::vector<std::int64_t> missing(const std::set<std::int64_t>& found) const;

private:
    enum class State : char { unwritten, committed, excused };
    State& state(std::int64_t token) { return states_[static_cast<std::size_t>(token)]; }

    std::vector<State> states_{State::unwritten};        ///< by token; there is no token 0
    std::vector<std::vector<std::int64_t>> written_by_;  ///< tokens by transaction
};

/// The tokens in all synced tables of a file.
std::set<std::int64_t> tokens_in_tables(Connection& file);
/// The tokens in its conflict records.
std::set<std::int64_t> tokens_in_conflicts(Connection& file);

}  // namespace tidemark::sim
