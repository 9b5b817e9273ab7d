#pragma once

#include <optional>
#include <string>

#include "sqlite/connection.hpp"

namespace tidemark {

/// What a replica's file says of how it wants to be treated, such as when to sync: names and values
/// in tidemark_settings, which exists only where something was set.
class Preferences {
public:
    explicit Preferences(Connection& connection) : connection_(connection) {}

    std::optional<std::string> get(const std::string& name);
    void set(const std::string& name, const std::string& value);
    /// Returns whether it was set.
    bool unset(const std::string& name);

private:
    bool any();

    Connection& connection_;
};

}  // namespace tidemark
