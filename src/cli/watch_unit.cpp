#include "cli/watch_unit.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <tidemark/error.hpp>

#include "base/user_folder.hpp"

namespace tidemark::cli {
namespace {

namespace fs = std::filesystem;

/// One argument of ExecStart=, whatever is in it.
std::string unit_word(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '%' || c == '$') out += c;
        out += c;
    }
    return out + "\"";
}

}  // namespace

std::string unit_text(const std::string& program, const std::vector<std::string>& databases) {
    std::string command = unit_word(program) + " watch --";
    for (const std::string& database : databases) command += " " + unit_word(database);
    return fmt::format(R"([Unit]
Description=Keeps SQLite databases in step with their primaries
Documentation=man:tidemark-watch(1)

[Service]
ExecStart={}
Restart=on-failure
RestartSec=10

[Install]
WantedBy=default.target
)",
                       command);
}

WatchUnit WatchUnit::of_user() {
    const fs::path config = fs::path(config_folder()).parent_path();
    return WatchUnit((config / "systemd/user" / name).string());
}

void WatchUnit::install(const std::vector<std::string>& databases, bool replace) const {
    std::vector<std::string> paths;
    for (const std::string& database : databases) {
        paths.push_back(fs::weakly_canonical(fs::absolute(database)).string());
    }
    const std::string text = unit_text(fs::read_symlink("/proc/self/exe").string(), paths);
    if (std::ifstream old(path_); old && !replace) {
        const std::string before{std::istreambuf_iterator<char>(old), {}};
        if (before != text) {
            throw Error(ErrorCode::choice_needed,
                        "there is a unit already that watches other databases: " + path_,
                        "Name all databases that it shall watch, with --replace.");
        }
    }
    fs::create_directories(fs::path(path_).parent_path());
    const std::string partial = path_ + ".partial";
    std::ofstream(partial) << text;
    std::error_code failure;
    fs::rename(partial, path_, failure);
    if (failure) {
        throw Error(ErrorCode::failed, path_ + " cannot be written: " + failure.message(),
                    "Check that you may write its folder.");
    }
}

bool WatchUnit::remove() const {
    std::error_code ignored;
    return fs::remove(path_, ignored);
}

}  // namespace tidemark::cli
