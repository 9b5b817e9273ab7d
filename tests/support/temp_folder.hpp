#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace tidemark {

/// A folder of its own for one test, gone at the end.
class TempFolder {
public:
    TempFolder() {
        std::string name = (root() / "tidemark-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder: " + name);
        path_ = name;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
    /// In memory where that is possible: hundreds of commits wait for no disk.
    static std::filesystem::path root() {
        const std::filesystem::path memory = "/dev/shm";
        const bool usable = !std::getenv("TMPDIR") && ::access(memory.c_str(), W_OK) == 0;
        return usable ? memory : std::filesystem::temp_directory_path();
    }

    std::filesystem::path path_;
};

}  // namespace tidemark
