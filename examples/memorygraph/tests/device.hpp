#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>

#include "support/process.hpp"

namespace memorygraph {

using tidemark::Ran;

/// A machine of a user's: its environment, and the command.
class Device {
public:
    /// Its home, where its memory lies, is `folder`/`name`.
    Device(const std::string& folder, const std::string& name) : folder_(folder) {
        environment["HOME"] = folder + "/" + name;
        environment["MEMORY_BACKEND"] = "turso";
    }

    Ran run(const std::vector<std::string>& arguments, const std::string& input = {}) const {
        std::vector<std::string> all{"env", "-i", "PATH=/usr/bin:/bin"};
        for (const auto& [name, value] : environment) all.push_back(name + "=" + value);
        all.emplace_back(MEMORYGRAPH_COMMAND);
        all.insert(all.end(), arguments.begin(), arguments.end());
        return tidemark::run_program(all, folder_, input);
    }
    /// What it prints, of a command that must succeed.
    std::string say(const std::vector<std::string>& arguments) const {
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.exit_code, 0) << arguments[0] << ": " << ran.out << ran.err;
        return ran.out;
    }
    boost::json::object json(std::vector<std::string> arguments) const {
        arguments.emplace_back("--json");
        return boost::json::parse(say(arguments)).as_object();
    }
    std::string store(const std::string& title, const std::string& content) const {
        return std::string(json({"store", title, "--content", content}).at("id").as_string());
    }
    /// The titles of all memories, sorted.
    std::string titles() const {
        return say(
            {"query",
             "SELECT group_concat(title, ', ') AS titles FROM (SELECT properties ->> 'title' "
             "AS title FROM nodes ORDER BY 1)"});
    }
    std::string property(const std::string& id, const char* name) const {
        const auto node = json({"show", id});
        return std::string(node.at("properties").at(name).as_string());
    }

    std::map<std::string, std::string> environment;

private:
    std::string folder_;
};

}  // namespace memorygraph
