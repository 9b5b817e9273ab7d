#include "sync/stand_aside.hpp"

#include "base/text.hpp"
#include "capture/quiet.hpp"
#include "sync/store.hpp"

namespace tidemark {

Catalog triggers_to_stand_aside(Connection& replica, const std::vector<std::string>& tables) {
    const Catalog here = read_catalog(replica);
    if (here.empty() || here.back().type != "trigger") return {};  // triggers come last
    const Agreed agreed = Store(replica).agreed();
    Connection apart(replica.path());
    Catalog triggers;
    for (const std::string& name : capture::triggers_writing(apart, tables)) {
        SchemaObject trigger = *find(here, "trigger", name);
        for (const AgreedObject& object : agreed) {
            const bool same = object.type == "trigger" && same_name(object.name, name);
            if (same && !object.there.empty()) trigger.sql = object.there;
        }
        triggers.push_back(std::move(trigger));
    }
    return triggers;
}

}  // namespace tidemark
