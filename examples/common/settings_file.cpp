#include "common/settings_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>

#include <tidemark/error.hpp>

#include "common/private_file.hpp"

namespace examples {
namespace {

std::string trimmed(const std::string& line) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos) return {};
    return line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
}

bool begins_table(const std::string& line) { return trimmed(line).starts_with('['); }

bool sets(const std::string& line, const std::string& key) {
    const std::string text = trimmed(line);
    if (!text.starts_with(key)) return false;
    const std::size_t next = text.find_first_not_of(" \t", key.size());
    return next != std::string::npos && text[next] == '=';
}

std::string written(const Setting& setting) {
    std::ostringstream text;
    text << setting.key << " = ";
    if (const bool* flag = std::get_if<bool>(&setting.value)) {
        text << toml::value<bool>(*flag);
    } else {
        text << toml::value<std::string>(std::get<std::string>(setting.value));
    }
    return text.str();
}

void change(std::vector<std::string>& lines, const Setting& setting) {
    auto begin = lines.begin();
    if (!setting.table.empty()) {
        const auto names_it = [&](const std::string& line) {
            return trimmed(line).starts_with("[" + setting.table + "]");
        };
        begin = std::find_if(lines.begin(), lines.end(), names_it);
        if (begin == lines.end()) {
            if (!lines.empty()) lines.emplace_back();
            lines.push_back("[" + setting.table + "]");
            lines.push_back(written(setting));
            return;
        }
        ++begin;
    }
    auto end = std::find_if(begin, lines.end(), begins_table);
    const auto found =
        std::find_if(begin, end, [&](const std::string& line) { return sets(line, setting.key); });
    if (found != end) {
        *found = written(setting);
        return;
    }
    while (end != begin && trimmed(*std::prev(end)).empty()) --end;
    lines.insert(end, written(setting));
}

bool holds(const toml::table& file, const Setting& setting) {
    const auto node = setting.table.empty() ? file[setting.key] : file[setting.table][setting.key];
    if (const bool* flag = std::get_if<bool>(&setting.value)) return node.value<bool>() == *flag;
    return node.value<std::string>() == std::get<std::string>(setting.value);
}

/// Whether what was put together says what was meant: a value of several lines is not understood.
bool is_right(const std::string& text, const std::vector<Setting>& settings) {
    try {
        const toml::table file = toml::parse(text);
        return std::all_of(settings.begin(), settings.end(),
                           [&](const Setting& setting) { return holds(file, setting); });
    } catch (const toml::parse_error&) {
        return false;
    }
}

}  // namespace

void save_settings(const std::string& path, const std::vector<Setting>& settings) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    for (const Setting& setting : settings) change(lines, setting);
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    if (!is_right(text, settings)) {
        throw tidemark::Error(tidemark::ErrorCode::failed, path + " cannot be changed",
                              "Set " + settings.at(0).key + " there yourself.");
    }
    write_private(path, text);
}

}  // namespace examples
