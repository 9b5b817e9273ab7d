#include "schema/difference.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tidemark {
namespace {

using Item = TableText::Item;

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& one) { return same_name(one, name); });
}

const Item* constraint(const TableText& table, const std::string& meaning) {
    const auto found = std::find_if(table.constraints.begin(), table.constraints.end(),
                                    [&](const Item& item) { return item.meaning == meaning; });
    return found == table.constraints.end() ? nullptr : &*found;
}

void find_renames(const TableText& before, const TableText& after, const Renames& columns,
                  TableChange& change) {
    for (const auto& [from, to] : columns) {
        const Item* is = after.column(to);
        const bool done_here =
            before.column(from) && is && !after.column(from) && !before.column(to);
        if (done_here) change.renamed.emplace_back(from, *is);
    }
}

/// The columns a change is about, each with what it does to it.
std::map<std::string, std::string> touched(const TableChange& change) {
    std::map<std::string, std::string> columns;
    for (const Item& item : change.added) columns[lower(item.name)] = "added " + item.meaning;
    for (const Item& item : change.altered) columns[lower(item.name)] = "altered " + item.meaning;
    for (const std::string& name : change.dropped) columns[lower(name)] = "dropped";
    for (const auto& [old_name, item] : change.renamed) {
        columns[lower(old_name)] = "renamed to " + lower(item.name);
        columns[lower(item.name)] = "renamed from " + lower(old_name);
    }
    return columns;
}

/// Whether a table may be a later version of one that was made elsewhere.
bool has_grown_from(const TableText& larger, const TableText& smaller) {
    return larger.options == smaller.options && larger.key() == smaller.key() &&
           std::all_of(smaller.columns.begin(), smaller.columns.end(), [&](const Item& item) {
               const Item* same = larger.column(item.name);
               return same && same->meaning == item.meaning;
           });
}

const AgreedObject* find(const Agreed& agreed, const std::string& type, const std::string& name) {
    const auto found = std::find_if(agreed.begin(), agreed.end(), [&](const AgreedObject& one) {
        return one.type == type && same_name(one.name, name);
    });
    return found == agreed.end() ? nullptr : &*found;
}

Catalog with_new_names(Catalog catalog, const Renaming& renaming) {
    for (SchemaObject& object : catalog) {
        if (object.type == "table") object.name = renaming.name_of(object.name);
        object.table = renaming.name_of(object.table);
    }
    return catalog;
}

Agreed with_new_names(Agreed agreed, const Renaming& renaming) {
    for (AgreedObject& object : agreed) {
        if (object.type == "table") object.name = renaming.name_of(object.name);
        object.table = renaming.name_of(object.table);
    }
    return agreed;
}

class Combiner {
public:
    Combiner(const Agreed& agreed, const Catalog& here, const Catalog& there,
             const Renaming& renaming)
        : agreed_(agreed), here_(here), there_(there), renaming_(renaming) {}

    Combination run() {
        // In the order of the primary, and then what is new here, so that all devices follow one.
        for (const SchemaObject& object : there_) take(object.type, object.name);
        for (const SchemaObject& object : here_) {
            if (!tidemark::find(there_, object.type, object.name)) take(object.type, object.name);
        }
        for (SchemaObject& object : out_.target) {
            use_new_name(object);
            const bool homeless = (object.type == "index" || object.type == "trigger") &&
                                  !tidemark::find(out_.target, "table", object.table) &&
                                  !tidemark::find(out_.target, "view", object.table);
            if (homeless) {
                clash("the " + object.type + " " + object.name + " is about " + object.table +
                      ", which the other side dropped");
            }
        }
        return std::move(out_);
    }

private:
    void take(const std::string& type, const std::string& name) {
        const SchemaObject* ours = tidemark::find(here_, type, name);
        const SchemaObject* theirs = tidemark::find(there_, type, name);
        const AgreedObject* base = find(agreed_, type, name);
        const bool we_changed = changed(base, base ? base->here : "", ours);
        const bool they_changed = changed(base, base ? base->there : "", theirs);
        if (!we_changed) {
            if (theirs) out_.target.push_back(*theirs);
        } else if (!they_changed) {
            if (ours) out_.target.push_back(*ours);
        } else if (ours && theirs) {
            combine(base, *ours, *theirs);
        } else if (ours || theirs) {
            clash("the " + type + " " + name + " was " + (ours ? "changed" : "dropped") +
                  " here and " + (theirs ? "changed" : "dropped") + " at the primary");
        }
    }

    /// One side has not renamed the table, and its text may be the one that was taken.
    void use_new_name(SchemaObject& object) const {
        const bool is_renamed =
            std::any_of(renaming_.tables.begin(), renaming_.tables.end(),
                        [&](const auto& pair) { return same_name(pair.second, object.name); });
        if (object.type != "table" || !is_renamed) return;
        if (const auto text = TableText::parse(object.sql)) object.sql = text->sql(object.name);
    }

    static bool changed(const AgreedObject* base, const std::string& before,
                        const SchemaObject* now) {
        if (!base) return now != nullptr;
        return !now || !same_definition({base->type, base->name, base->table, before}, *now);
    }

    void combine(const AgreedObject* base, const SchemaObject& ours, const SchemaObject& theirs) {
        if (same_definition(ours, theirs)) {
            out_.target.push_back(theirs);
            return;
        }
        if (ours.type == SchemaObject::mark) {  // the version of a later migration
            const bool later = std::stoll(ours.sql) > std::stoll(theirs.sql);
            out_.target.push_back(later ? ours : theirs);
            return;
        }
        const auto here = TableText::parse(ours.sql);
        const auto there = TableText::parse(theirs.sql);
        const auto was_here = base ? TableText::parse(base->here) : std::nullopt;
        const auto was_there = base ? TableText::parse(base->there) : std::nullopt;
        const bool tables = ours.type == "table" && here && there;
        if (tables && !base && (has_grown_from(*here, *there) || has_grown_from(*there, *here))) {
            out_.target.push_back(has_grown_from(*here, *there) ? ours : theirs);
            return;
        }
        if (!tables || !was_here || !was_there) {
            clash("the " + ours.type + " " + ours.name + " was " + (base ? "changed" : "made") +
                  " both here and at the primary, differently");
            return;
        }
        const Renames& columns = renaming_.columns_of(ours.name);
        const TableChange our_change = TableChange::between(*was_here, *here, columns);
        const TableChange their_change = TableChange::between(*was_there, *there, columns);
        if (const auto column = our_change.clash(their_change)) {
            clash("the table " + ours.name +
                  " was changed both here and at the primary: " + *column);
            return;
        }
        SchemaObject both = theirs;
        both.sql = our_change.applied_to(*there).sql(theirs.name);
        out_.target.push_back(std::move(both));
    }

    void clash(std::string sentence) { out_.clashes.push_back(std::move(sentence)); }

    const Agreed& agreed_;
    const Catalog& here_;
    const Catalog& there_;
    const Renaming& renaming_;
    Combination out_;
};

/// What was done to the columns of a table, for a person.
std::string column_changes(const SchemaObject& before, const SchemaObject& after,
                           const Renames& columns) {
    const auto one = TableText::parse(before.sql);
    const auto other = TableText::parse(after.sql);
    if (before.type != "table" || !one || !other) return {};
    const TableChange change = TableChange::between(*one, *other, columns);
    std::vector<std::string> parts;
    for (const Item& item : change.added) parts.push_back("column " + item.name + " made");
    for (const Item& item : change.altered) parts.push_back("column " + item.name + " changed");
    for (const auto& [name, now] : change.renamed)
        parts.push_back("column " + name + " renamed to " + now.name);
    for (const std::string& name : change.dropped) parts.push_back("column " + name + " dropped");
    return join(parts, ", ");
}

}  // namespace

const Renames& Renaming::columns_of(const std::string& table) const {
    static const Renames none;
    const auto found = columns.find(lower(table));
    return found == columns.end() ? none : found->second;
}

std::string Renaming::name_of(const std::string& table) const {
    for (const auto& [from, to] : tables) {
        if (same_name(from, table)) return to;
    }
    return table;
}

TableChange TableChange::between(const TableText& before, const TableText& after,
                                 const Renames& columns) {
    TableChange change;
    find_renames(before, after, columns, change);
    const auto is_renamed = [&](const std::string& name) {
        return std::any_of(change.renamed.begin(), change.renamed.end(), [&](const auto& pair) {
            return same_name(pair.first, name) || same_name(pair.second.name, name);
        });
    };
    std::vector<std::string> kept_before, kept_after;
    for (const Item& item : after.columns) {
        if (is_renamed(item.name)) continue;
        const Item* was = before.column(item.name);
        if (!was) {
            change.added.push_back(item);
            continue;
        }
        kept_after.push_back(lower(item.name));
        if (was->meaning != item.meaning) change.altered.push_back(item);
    }
    for (const Item& item : before.columns) {
        if (is_renamed(item.name)) continue;
        if (after.column(item.name))
            kept_before.push_back(lower(item.name));
        else
            change.dropped.push_back(item.name);
    }
    change.reordered = kept_before != kept_after;
    for (const Item& item : after.constraints) {
        if (!constraint(before, item.meaning)) change.constraints_added.push_back(item);
    }
    for (const Item& item : before.constraints) {
        if (!constraint(after, item.meaning)) change.constraints_dropped.push_back(item.meaning);
    }
    if (before.options != after.options) change.options = after.options;
    return change;
}

bool TableChange::empty() const {
    return added.empty() && dropped.empty() && renamed.empty() && altered.empty() &&
           constraints_added.empty() && constraints_dropped.empty() && !options && !reordered;
}

std::optional<std::string> TableChange::clash(const TableChange& other) const {
    const auto mine = touched(*this);
    for (const auto& [column, what] : touched(other)) {
        const auto found = mine.find(column);
        if (found != mine.end() && found->second != what) return "its column " + column;
    }
    if (options && other.options && *options != *other.options) return "its options";
    return std::nullopt;
}

TableText TableChange::applied_to(TableText table) const {
    std::erase_if(table.columns, [&](const Item& item) { return has(dropped, item.name); });
    for (Item& item : table.columns) {
        for (const auto& [old_name, now] : renamed) {
            if (same_name(item.name, old_name)) item = now;
        }
        for (const Item& now : altered) {
            if (same_name(item.name, now.name)) item = now;
        }
    }
    for (const Item& item : added) {
        if (!table.column(item.name)) table.columns.push_back(item);
    }
    std::erase_if(table.constraints, [&](const Item& item) {
        return std::find(constraints_dropped.begin(), constraints_dropped.end(), item.meaning) !=
               constraints_dropped.end();
    });
    for (const Item& item : constraints_added) {
        if (!constraint(table, item.meaning)) table.constraints.push_back(item);
    }
    if (options) table.options = *options;
    return table;
}

bool same_definition(const SchemaObject& a, const SchemaObject& b) {
    if (a.sql == b.sql) return true;
    if (a.type == "table") {
        const auto one = TableText::parse(a.sql);
        const auto other = TableText::parse(b.sql);
        if (one && other) return one->same_as(*other);
    }
    return meaning_of(a.sql) == meaning_of(b.sql);
}

Combination combine(const Agreed& agreed, const Catalog& here, const Catalog& there,
                    const Renaming& renaming) {
    const Agreed base = with_new_names(agreed, renaming);
    const Catalog ours = with_new_names(here, renaming);
    const Catalog theirs = with_new_names(there, renaming);
    return Combiner(base, ours, theirs, renaming).run();
}

std::vector<SchemaChange> changes_between(const Catalog& from, const Catalog& to,
                                          const Renaming& renaming) {
    std::vector<SchemaChange> changes;
    for (const SchemaObject& before : from) {
        const bool is_table = before.type == "table";
        const std::string name = is_table ? renaming.name_of(before.name) : before.name;
        const SchemaObject* after = find(to, before.type, name);
        if (!after) {
            changes.push_back({"dropped", before.type, before.name, {}});
            continue;
        }
        if (!same_name(name, before.name)) {
            changes.push_back({"renamed", before.type, before.name, "to " + name});
        }
        if (same_definition(before, *after)) continue;
        if (before.type == SchemaObject::mark) {
            changes.push_back({"changed", before.type, name, "to " + after->sql});
        } else {
            changes.push_back({"changed", before.type, name,
                               column_changes(before, *after, renaming.columns_of(name))});
        }
    }
    for (const SchemaObject& after : to) {
        const bool was_there = std::any_of(from.begin(), from.end(), [&](const SchemaObject& one) {
            return one.type == after.type &&
                   same_name(one.type == "table" ? renaming.name_of(one.name) : one.name,
                             after.name);
        });
        if (!was_there) changes.push_back({"made", after.type, after.name, {}});
    }
    return changes;
}

}  // namespace tidemark
