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

    /// Whether a file is at `path`, as the VFS sees it.
    static bool exists(const std::string& path, const std::string& vfs = {});

    /// Runs any number of statements, dropping their rows.
    void execute(std::string_view sql);
    /// Runs one statement with arguments, dropping its rows.
    void execute(std::string_view sql, const Row& arguments);
    /// The first column of the first row; NULL where there is none.
    Value scalar(std::string_view sql, const Row& arguments = {});
    std::int64_t integer(std::string_view sql, const Row& arguments = {});

    /// A statement kept for its text until forget_statements(). It comes reset; do not use the same
    /// text in two nested loops. scalar(), integer() and execute() with arguments use it too.
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
    using Mute = std::function<bool(const TriggerWrite& write)>;
    /// Statements that are cached from now on are kept apart from those before, until unmute();
    /// they serve again the next time that writes are muted for the same purpose, which therefore
    /// has to say all that `mute` decides by.
    void mute_in_triggers(Mute mute, const std::string& purpose);
    void unmute();
    /// Asked for each action of a statement while it is prepared, with the arguments and the
    /// answers of SQLite's authorizer; what it lets pass, mute is asked for. Must not throw. Set it
    /// before any statement is cached.
    using Permit = std::function<int(int action, const char* first, const char* second,
                                     const char* database, const char* trigger)>;
    void permit(Permit permit);
    const std::string& path() const { return path_; }
    sqlite3* handle() const { return handle_.get(); }

private:
    void set_authorizer();
    static int authorize(void* self, int action, const char* first, const char* second,
                         const char* database, const char* trigger);
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
    using Statements =
        std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>>;
    Statements statements_;
    Statements set_aside_;  ///< while muted, those prepared without; otherwise the other way round
    Mute mute_;
    Permit permit_;
    std::string purpose_;
    bool authorizing_ = false;
};

/// "name" with quotes, for use in SQL text.
std::string quoted(std::string_view name);
/// Spares calls with a std::string from meeting std::quoted.
inline std::string quoted(const std::string& name) { return quoted(std::string_view(name)); }
/// 'text' with quotes, for use in SQL text.
std::string literal(std::string_view text);

}  // namespace tidemark
