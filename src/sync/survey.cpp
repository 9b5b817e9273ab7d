#include "sync/survey.hpp"

#include <vector>

#include "base/text.hpp"
#include "schema/table.hpp"
#include "sync/tracking.hpp"

namespace tidemark {
namespace {

/// The rows of all these tables.
std::string count_sql(const std::vector<std::string>& tables) {
    std::vector<std::string> counts = {"0"};
    for (const std::string& table : tables) {
        counts.push_back("(SELECT count(*) FROM " + quoted(table) + ")");
    }
    return "SELECT " + join(counts, " + ");
}

}  // namespace

Survey survey(Connection& database) {
    std::vector<std::string> names;
    for (const Table& table : read_tables(database)) names.push_back(table.name);
    Survey found;
    found.tables = static_cast<std::int64_t>(names.size());
    found.rows = database.integer(count_sql(names));
    return found;
}

Survey survey(SqlEndpoint& primary) {
    const PrimaryView view = PrimaryView::read(primary);
    std::vector<std::string> names;
    for (const SchemaObject& object : view.catalog) {
        if (object.type == "table" && !object.is_virtual_table()) names.push_back(object.name);
    }
    Survey found;
    found.tracked = view.tracked;
    found.tables = static_cast<std::int64_t>(names.size());
    std::vector<Step> steps{{count_sql(names)}};
    if (view.tracked) steps.push_back({"SELECT count(*) FROM tidemark_replicas"});
    const auto rows = run_all(primary, steps);
    found.rows = as_int(rows[0].rows.at(0).at(0));
    if (view.tracked) found.devices = as_int(rows[1].rows.at(0).at(0));
    return found;
}

}  // namespace tidemark
