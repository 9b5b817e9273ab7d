#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/form.hpp"
#include "sim/history_log.hpp"
#include "sim/kinship.hpp"
#include "sim/machine.hpp"
#include "sim/oracle.hpp"
#include "sim/schema_changes.hpp"
#include "sqlite/connection.hpp"

struct sqlite3;

namespace tidemark::sim {

/// What the applications of one world have in common.
struct Workplace {
    SeededRng& rng;
    Oracle& oracle;
    HistoryLog& log;
    FormReader forms;
    std::int64_t transactions = 0;  ///< begun so far, in all of them
    std::string untracked;          ///< a machine whose edits nothing notes; empty: none
    std::map<std::string, std::vector<std::int64_t>> committed;  ///< by machine
    Kinship kinship;
};

/// A program that works on a database with plain SQL, knowing nothing of Tidemark. It tells the
/// oracle what it committed; which values its statements wrote and removed it learns from SQLite,
/// cascades and replaced rows included.
///
/// Each transaction leaves its number in the table local_mark, so that after a power failure the
/// file says which ones it still has.
class Application {
public:
    struct Manners {
        bool foreign_keys = true;
        bool recursive_triggers = true;
        std::string synchronous = "FULL";
    };

    Application(Machine& machine, const std::string& path, const Manners& manners,
                Workplace& workplace);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    /// One transaction of a few statements; some of them may be refused.
    void transact();
    /// Changes the schema in one transaction. Returns false where a statement was refused; then
    /// nothing has happened.
    bool migrate(const SchemaChange& change);
    /// Settles one of the open conflicts, where there are any.
    void settle_conflict();

    std::shared_ptr<const Forms> forms();
    Connection& connection() { return connection_; }
    /// Of a machine start that has ended.
    bool dead() const { return start_ != machine_.starts(); }

private:
    static void before_change(void* self, sqlite3* db, int operation, const char* schema,
                              const char* table, long long, long long);
    void work();
    void insert(const Form& form);
    void update(const Form& form);
    std::string update_verb(const Form& form);
    void rekey(const Form& form);
    void remove(const Form& form);
    /// Returns false where it was refused.
    bool try_statement(const std::string& sql, const Row& arguments);
    void note_parents(const Table& table, const Row& row);
    template <typename Body>
    bool in_transaction(const Body& body);

    Row some_row(const Table& table, const std::string& columns);
    Row some_key(const Form& form);
    void fill(const Form& form, std::size_t column, Row& row);
    void fill_reference(const Form& form, std::size_t column, Row& row);
    Value next_number(const Table& table, std::size_t column);
    Value new_key(const Form& form, std::size_t column);

    Machine& machine_;
    int start_;
    Workplace& workplace_;
    SeededRng& rng_;
    Connection connection_;
    std::shared_ptr<const Forms> forms_;
    std::int64_t forms_version_ = -1;
    Edit statement_;  ///< what the statement under way has done
    Edit edit_;       ///< what the transaction under way has done
};

}  // namespace tidemark::sim
