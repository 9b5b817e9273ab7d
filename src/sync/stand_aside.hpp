#pragma once

#include <string>
#include <vector>

#include "schema/catalog.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {

/// The application's triggers at the primary that must not fire while rows of these tables are
/// pushed, because what they would write is pushed as well. Found out from the replica's own
/// triggers, on a connection apart; the texts are the primary's, where it has put them in a form of
/// its own. A server whose connections we cannot bend drops them for the length of a push.
Catalog triggers_to_stand_aside(Connection& replica, const std::vector<std::string>& tables);

}  // namespace tidemark
