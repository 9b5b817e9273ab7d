#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <tidemark/error.hpp>

namespace tidemark::cli {

/// The candidate that a person most likely meant by `word`; empty where none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// The error for a word that is no command.
Error no_such_command(const CLI::App& root, const std::string& word);

/// What is wrong with the arguments, said in the command's own voice. `root` is the app whose
/// parse threw `error`.
Error usage_error(const CLI::App& root, const CLI::ParseError& error);

}  // namespace tidemark::cli
