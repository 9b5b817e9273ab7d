#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include <boost/json.hpp>

#include "shark/background.hpp"
#include "shark/cloud.hpp"
#include "shark/places.hpp"
#include "shark/pool.hpp"

namespace shark {

/// What all commands share.
struct Session {
    Places places = Places::of_user();
    bool json = false;

    /// Prints the object where --json was given, else the text.
    void give(const boost::json::object& object, const std::string& text) const;
    /// For a person, on stderr.
    void say(const std::string& text) const;
};

void add_task_commands(CLI::App& app, Session& session);
void add_cloud_commands(CLI::App& app, Session& session);

/// Connects where SHARK_DB_URL asks for it and shark is not connected yet. Without a network the
/// work goes on in the local database.
void connect_where_asked(const Session& session);

/// Tells which keys were changed because another machine had given them out too.
void tell_news(const Session& session);

}  // namespace shark
