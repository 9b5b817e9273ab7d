#include "auth/permission.hpp"

namespace tidemark::auth {

void Permission::allow(std::string_view database, Rights rights) {
    const auto [entry, added] = databases_.try_emplace(std::string(database), rights);
    if (!added) entry->second = entry->second | rights;
}

Rights Permission::in(std::string_view database) const {
    const auto entry = databases_.find(database);
    return entry == databases_.end() ? everywhere_ : everywhere_ | entry->second;
}

}  // namespace tidemark::auth
