#pragma once

#include <string>
#include <vector>

namespace tidemark {

/// How a program ended and what it printed.
struct Ran {
    int exit_code = -1;  ///< 128 + the signal where one killed it
    std::string out;
    std::string err;
};

/// Runs a program, found on PATH, in `folder`, with `input` on its standard input.
Ran run_program(const std::vector<std::string>& arguments, const std::string& folder,
                const std::string& input = {});

/// Runs the command `tidemark` that was just built.
Ran run_tidemark(const std::vector<std::string>& arguments, const std::string& folder);

}  // namespace tidemark
