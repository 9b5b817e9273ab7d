#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/table.hpp"

namespace tidemark::capture {

/// The kinds of trigger: tidemark_<table>_<kind>. None is the end of another, so that no two
/// tables can need the same name.
inline constexpr std::string_view trigger_kinds[] = {
    "insert", "update", "rekey", "delete", "insert_replace", "update_replace",
};

std::string trigger_name(std::string_view table, std::string_view kind);

/// What captures rows that are inserted, updated, given another key, and deleted.
std::vector<std::string> row_triggers(const Table& table);

/// What captures rows that a REPLACE removes through a unique index, which fires no delete trigger
/// unless recursive_triggers is on. None where REPLACE can remove no other row than the new key's.
std::vector<std::string> replace_triggers(const Table& table);

}  // namespace tidemark::capture
