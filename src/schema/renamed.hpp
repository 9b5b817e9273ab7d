#pragma once

#include "schema/catalog.hpp"
#include "schema/difference.hpp"

namespace tidemark {

/// The catalog as it is once the tables and columns in it that still have their old names have the
/// new ones: so do references, indexes, views and triggers, wherever they say them. Objects that
/// SQLite cannot make here, for want of a function, say, stay as they are.
Catalog renamed(const Catalog& catalog, const Renaming& renaming);

}  // namespace tidemark
