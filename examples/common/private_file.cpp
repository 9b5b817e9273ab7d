#include "common/private_file.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <tidemark/error.hpp>

namespace examples {
namespace {

namespace fs = std::filesystem;

using tidemark::Error;
using tidemark::ErrorCode;

[[noreturn]] void fail(const std::string& path, const char* what) {
    throw Error(ErrorCode::failed, path + " cannot be " + what + ": " + std::strerror(errno));
}

class File {
public:
    explicit File(int file) : file_(file) {}
    ~File() {
        if (file_ >= 0) ::close(file_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    operator int() const { return file_; }

private:
    int file_;
};

}  // namespace

std::optional<std::string> read_private(const std::string& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file < 0 && errno == ENOENT) return std::nullopt;
    struct stat about {};
    if (file < 0 || ::fstat(file, &about) != 0) fail(path, "read");
    if ((about.st_mode & 077) != 0) {
        throw Error(ErrorCode::failed, "others may read " + path, "Run 'chmod 600 " + path + "'.");
    }
    std::string content;
    char part[4096];
    ssize_t count = 0;
    while ((count = ::read(file, part, sizeof part)) > 0) {
        content.append(part, static_cast<std::size_t>(count));
    }
    if (count < 0) fail(path, "read");
    return content;
}

void write_private(const std::string& path, const std::string& content) {
    const std::string folder = fs::path(path).parent_path().string();
    if (!folder.empty() && !fs::exists(folder)) {
        fs::create_directories(folder);
        fs::permissions(folder, fs::perms::owner_all);
    }
    std::string partial = path + ".XXXXXX";
    const File file(::mkostemp(partial.data(), O_CLOEXEC));  // 0600
    if (file < 0) fail(path, "written");
    const bool written =
        ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
        ::fsync(file) == 0;
    if (!written || ::rename(partial.c_str(), path.c_str()) != 0) {
        const int reason = errno;
        ::unlink(partial.c_str());
        errno = reason;
        fail(path, "written");
    }
}

void forbid_core_files() { ::prctl(PR_SET_DUMPABLE, 0); }

}  // namespace examples
