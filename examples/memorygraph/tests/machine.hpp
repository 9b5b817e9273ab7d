#pragma once

#include <string>

#include "testing/device.hpp"

namespace memorygraph {

/// A device with memories.
class Machine : public examples::Device {
public:
    explicit Machine(const std::string& home) : Device(home, {{"MEMORY_BACKEND", "turso"}}) {}

    std::string store(const std::string& title, const std::string& content) const {
        return std::string(json({"store", title, "--content", content}).at("id").as_string());
    }
    /// The titles of all memories, sorted.
    std::string titles() const {
        return ok({"query",
                   "SELECT group_concat(title, ', ') AS titles FROM (SELECT properties ->> 'title' "
                   "AS title FROM nodes ORDER BY 1)"});
    }
    std::string property(const std::string& id, const char* name) const {
        return std::string(json({"show", id}).at("properties").at(name).as_string());
    }
};

/// What Machine::titles() gives for these.
inline std::string titles(const std::string& list) { return "{\"titles\":\"" + list + "\"}\n"; }

}  // namespace memorygraph
