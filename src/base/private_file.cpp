#include "base/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <tidemark/error.hpp>

namespace tidemark {
namespace {

namespace fs = std::filesystem;

constexpr mode_t others = S_IRWXG | S_IRWXO;

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

Error failed(const std::string& path, const char* what, const std::string& hint) {
    return {ErrorCode::failed, path + " cannot be " + what + ": " + std::strerror(errno), hint};
}

void write_all(int file, const std::string& content, const std::string& path) {
    std::size_t written = 0;
    while (written < content.size()) {
        const ssize_t count = ::write(file, content.data() + written, content.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw failed(path, "written", "Check that the disk is not full.");
        written += static_cast<std::size_t>(count);
    }
    if (::fsync(file) != 0) throw failed(path, "written", "Check that the disk is not full.");
}

}  // namespace

std::optional<std::string> read_private(const std::string& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file < 0 && errno == ENOENT) return std::nullopt;
    if (file < 0) throw failed(path, "read", "Check that it belongs to you.");
    struct stat status {};
    if (::fstat(file, &status) != 0) throw failed(path, "read", "Check that it belongs to you.");
    if (S_ISREG(status.st_mode) && (status.st_mode & others) != 0) {
        throw Error(ErrorCode::failed, "others may read " + path + ", which holds a secret",
                    "Run: chmod 600 " + path);
    }
    std::string content;
    char part[4096];
    for (ssize_t count = 0; (count = ::read(file, part, sizeof part)) != 0;) {
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw failed(path, "read", "Check that it is a file.");
        content.append(part, static_cast<std::size_t>(count));
    }
    return content;
}

void create_private(const std::string& path, const std::string& content) {
    const File file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file < 0 && errno == EEXIST) {
        throw Error(ErrorCode::failed, path + " exists already", "Choose another name.");
    }
    if (file < 0) throw failed(path, "made", "Check that the folder exists and is yours.");
    try {
        write_all(file, content, path);
    } catch (const Error&) {
        ::unlink(path.c_str());
        throw;
    }
}

void require_private_folder(const std::string& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return;
    if ((status.st_mode & others) == 0) return;
    throw Error(ErrorCode::failed, "others may enter " + folder + ", which holds secrets",
                "Run: chmod 700 " + folder);
}

void write_private(const std::string& path, const std::string& content) {
    const std::string folder = fs::path(path).parent_path().string();
    if (!fs::exists(folder)) {
        std::error_code ignored;
        fs::create_directories(fs::path(folder).parent_path(), ignored);
        if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
            throw failed(folder, "created", "Check that you may write the folder above it.");
        }
    }
    require_private_folder(folder);
    replace_private(path, content);
}

void replace_private(const std::string& path, const std::string& content) {
    const fs::path parent = fs::path(path).parent_path();
    const std::string folder = parent.empty() ? "." : parent.string();
    std::string partial = path + ".XXXXXX";
    const File file(::mkostemp(partial.data(), O_CLOEXEC));  // made with 0600
    if (file < 0) throw failed(path, "written", "Check that you may write its folder.");
    try {
        write_all(file, content, path);
        if (::rename(partial.c_str(), path.c_str()) != 0) {
            throw failed(path, "replaced", "Check that you may write its folder.");
        }
    } catch (...) {
        ::unlink(partial.c_str());
        throw;
    }
    const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory >= 0) ::fsync(directory);
}

}  // namespace tidemark
