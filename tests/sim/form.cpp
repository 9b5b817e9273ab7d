#include "sim/form.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tidemark::sim {
namespace {

Role role_of(const Table& table, std::size_t column) {
    for (const ForeignKey& key : table.foreign_keys) {
        if (std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end()) {
            return Role::reference;
        }
    }
    if (table.is_key(column)) return Role::key;
    switch (table.columns[column].name[0]) {
        case 's': return Role::small;
        case 'n': return Role::name;
        case 'q': return Role::numbering;
        case 'u': return Role::kept_by_trigger;
        default: return Role::data;
    }
}

}  // namespace

std::vector<std::size_t> Form::with(Role role) const {
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < roles.size(); ++c) {
        if (roles[c] == role) columns.push_back(c);
    }
    return columns;
}

bool Form::refers_to_itself() const {
    return std::any_of(
        table.foreign_keys.begin(), table.foreign_keys.end(),
        [&](const ForeignKey& reference) { return same_name(reference.parent, table.name); });
}

std::shared_ptr<const Forms> FormReader::read(Connection& file) {
    std::string text;
    Statement& select = file.cached(
        "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND name NOT GLOB "
        "'tidemark_*'");
    {
        const Reset reset(select);
        while (select.step()) text += select.text(0) + ";";
    }
    std::shared_ptr<const Forms>& known = by_schema_[text];
    if (known) return known;
    auto forms = std::make_shared<Forms>();
    for (Table& table : synced_tables(file, {})) {
        const bool strict =
            file.integer("SELECT strict FROM pragma_table_list(?1)", {table.name}) != 0;
        Form form{std::move(table), strict, {}};
        for (std::size_t c = 0; c < form.table.columns.size(); ++c) {
            form.roles.push_back(role_of(form.table, c));
        }
        forms->push_back(std::move(form));
    }
    return known = forms;
}

}  // namespace tidemark::sim
