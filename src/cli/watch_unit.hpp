#pragma once

#include <string>
#include <vector>

namespace tidemark::cli {

/// The systemd unit that runs `tidemark watch` for this user.
class WatchUnit {
public:
    static constexpr const char* name = "tidemark.service";

    explicit WatchUnit(std::string path) : path_(std::move(path)) {}
    static WatchUnit of_user();

    /// Throws Error{choice_needed} where there is one for other databases, unless `replace`.
    void install(const std::vector<std::string>& databases, bool replace) const;
    /// Returns whether it was there.
    bool remove() const;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// What the unit says.
std::string unit_text(const std::string& program, const std::vector<std::string>& databases);

}  // namespace tidemark::cli
