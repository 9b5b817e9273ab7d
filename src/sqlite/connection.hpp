#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sqlite/statement.hpp"
#include "sqlite/value.hpp"

struct sqlite3;

namespace tidemark {

/// One connection to one SQLite file. Use it from one thread at a time.
class Connection {
public:
    enum class Open { read_write, create, read_only };

    /// `path` is a plain path (never a URI). Throws SqlError where it cannot be opened or is no
    /// database. `vfs` names the SQLite VFS to use; empty for the default one.
    explicit Connection(const std::string& path, Open open = Open::read_write,
                        const std::string& vfs = {});
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Runs any number of statements, dropping their rows.
    void execute(std::string_view sql);
    /// Runs one statement with arguments, dropping its rows.
    void execute(std::string_view sql, const Row& arguments);
    /// The first column of the first row; NULL where there is none.
    Value scalar(std::string_view sql, const Row& arguments = {});
    std::int64_t integer(std::string_view sql, const Row& arguments = {});

    /// A statement kept for its text until forget_statements(). It comes reset; do not use the same
    /// text in two nested loops.
    Statement& cached(std::string_view sql);
    /// Finalizes all cached statements; they must not be in use.
    void forget_statements();

    bool in_transaction() const;
    std::int64_t changes() const;

    /// A write that a statement would do inside a trigger (the innermost, where they are nested).
    struct TriggerWrite {
        enum class Kind { insert, update, remove };
        Kind kind;
        std::string_view table;
        std::string_view trigger;
    };
    /// Asked for each write inside a trigger while a statement is prepared: true compiles it out,
    /// and the rest of the trigger runs. An update is asked for column by column, and without any
    /// still fires the triggers of its table; a remove cannot be compiled out. Must not throw.
    /// Forgets cached statements.
    using Mute = std::function<bool(const TriggerWrite& write)>;
    void mute_in_triggers(Mute mute);
    /// Runs statements with all triggers off (on = false) or as usual.
    void enable_triggers(bool on);

    const std::string& path() const { return path_; }
    sqlite3* handle() const { return handle_.get(); }

private:
    static int authorize(void* self, int action, const char* table, const char*, const char*,
                         const char* trigger);
    struct Close {
        void operator()(sqlite3* db) const;
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    std::string path_;
    std::unique_ptr<sqlite3, Close> handle_;
    std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>>
        statements_;
    Mute mute_;
};

/// "name" with quotes, for use in SQL text.
std::string quoted(std::string_view name);
/// Spares calls with a std::string from meeting std::quoted.
inline std::string quoted(const std::string& name) { return quoted(std::string_view(name)); }
/// 'text' with quotes, for use in SQL text.
std::string literal(std::string_view text);

}  // namespace tidemark
