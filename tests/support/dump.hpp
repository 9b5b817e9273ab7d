#pragma once

#include <string>
#include <vector>

namespace tidemark {

/// One line for each thing, sorted, so that two dumps compare and differ readably.
using Dump = std::vector<std::string>;

/// The rows of every table and virtual table of the application, each value with its storage class
/// and all its bytes.
Dump dump_rows(const std::string& path);

/// The application's schema, word for word.
Dump dump_schema(const std::string& path);

/// Everything in the file, Tidemark's tables included, but for the history of syncs.
Dump dump_everything(const std::string& path);

/// "1, 'a', NULL" for each row of a query.
Dump dump_query(const std::string& path, const std::string& sql);

/// Lines that only one of two dumps has, for a person; empty where they are equal.
std::string difference(const Dump& a, const Dump& b);

}  // namespace tidemark
