#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace tidemark::cli {

/// Lays out what --help prints.
class HelpPage : public CLI::FormatterBase {
public:
    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const override;
};

/// "tidemark sync DB [OPTIONS]".
std::string usage_line(const CLI::App& app);

}  // namespace tidemark::cli
