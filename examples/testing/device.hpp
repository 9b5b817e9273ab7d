#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "support/process.hpp"
#include "support/temp_folder.hpp"
#include "support/terminal.hpp"

/// What the tests of the example applications share.
namespace examples {

using tidemark::Ran;

/// A person's machine: a home folder of its own, and the application under test run in it with
/// nothing else of this machine's environment.
class Device {
public:
    /// The home folder is made.
    explicit Device(std::string home, std::map<std::string, std::string> environment = {});

    Ran run(const std::vector<std::string>& arguments, const std::string& input = {}) const;
    /// Expects it to work; returns what it printed.
    std::string ok(const std::vector<std::string>& arguments, const std::string& input = {}) const;
    /// Expects this exit code; returns what it said on stderr.
    std::string fails(int exit_code, const std::vector<std::string>& arguments,
                      const std::string& input = {}) const;
    /// The same with --json.
    boost::json::object json(std::vector<std::string> arguments, int exit_code = 0) const;
    /// The words that run the application here, after `ulimit` and the like by a shell.
    std::vector<std::string> words(const std::vector<std::string>& arguments) const;

    std::string path(const std::string& file) const { return home_ + "/" + file; }
    const std::string& home() const { return home_; }
    /// All that the application printed here so far.
    const std::string& said() const { return said_; }

    std::map<std::string, std::string> environment;

private:
    std::string home_;
    mutable std::string said_;
};

/// The files below `folder` that hold this text, sorted.
std::vector<std::string> files_with(const std::string& folder, const std::string& text);

/// A well-formed token that no server has issued.
std::string some_token();

}  // namespace examples
