#include "sync/preferences.hpp"

#include "sqlite/statement.hpp"
#include "sqlite/transaction.hpp"

namespace tidemark {

bool Preferences::any() {
    return connection_.integer(
               "SELECT count(*) FROM sqlite_schema WHERE name = 'tidemark_settings'") > 0;
}

std::optional<std::string> Preferences::get(const std::string& name) {
    if (!any()) return std::nullopt;
    Statement select(connection_, "SELECT value FROM tidemark_settings WHERE name = ?1");
    select.bind(0, std::string_view(name));
    if (!select.step()) return std::nullopt;
    return select.text(0);
}

void Preferences::set(const std::string& name, const std::string& value) {
    Transaction transaction(connection_, Transaction::Kind::write);
    connection_.execute(
        "CREATE TABLE IF NOT EXISTS tidemark_settings(name TEXT PRIMARY KEY, value TEXT NOT NULL)");
    connection_.execute(
        "INSERT INTO tidemark_settings VALUES (?1, ?2) "
        "ON CONFLICT(name) DO UPDATE SET value = excluded.value",
        {name, value});
    transaction.commit();
}

bool Preferences::unset(const std::string& name) {
    if (!any()) return false;
    connection_.execute("DELETE FROM tidemark_settings WHERE name = ?1", {name});
    return connection_.changes() > 0;
}

}  // namespace tidemark
