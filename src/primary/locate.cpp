#include "primary/locate.hpp"

#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <tidemark/error.hpp>

#include "auth/masking.hpp"
#include "base/text.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

struct Service {
    const char* folder;  ///< a folder of this name is the service's; nullptr: any
    const char* marker;  ///< a file or folder that it keeps at the root of what it copies
    const char* name;
};

constexpr Service services[] = {
    {"dropbox", nullptr, "Dropbox"},
    {nullptr, ".dropbox", "Dropbox"},
    {nullptr, ".dropbox.cache", "Dropbox"},
    {"onedrive", nullptr, "OneDrive"},
    {"google drive", nullptr, "Google Drive"},
    {"googledrive", nullptr, "Google Drive"},
    {"mobile documents", nullptr, "iCloud Drive"},
    {"icloud drive", nullptr, "iCloud Drive"},
    {"nextcloud", nullptr, "Nextcloud"},
    {nullptr, ".nextcloudsync.log", "Nextcloud"},
    {nullptr, ".owncloudsync.log", "ownCloud"},
    {nullptr, ".stfolder", "Syncthing"},
    {"megasync", nullptr, "MEGA"},
    {"pclouddrive", nullptr, "pCloud"},
};

/// The kinds of file system on which locks may not reach the other machines.
struct RemoteFileSystem {
    long magic;
    const char* name;
};

constexpr RemoteFileSystem remote_file_systems[] = {
    {0x6969, "NFS"},
    {0x517b, "SMB"},
    {static_cast<long>(0xff534d42), "CIFS"},
    {static_cast<long>(0xfe534d42), "SMB2"},
    {0x65735546, "FUSE (sshfs, rclone)"},
    {0x01021997, "9P"},
    {0x73757245, "Coda"},
    {0x5346414f, "AFS"},
};

const char* remote_file_system(const std::string& folder) {
    struct statfs info {};
    if (statfs(folder.c_str(), &info) != 0) return nullptr;
    for (const RemoteFileSystem& kind : remote_file_systems) {
        if (static_cast<long>(info.f_type) == kind.magic) return kind.name;
    }
    return nullptr;
}

/// Whether files in `folder` can be locked at all, tried on a file of our own.
bool locks_work(const std::string& folder) {
    std::string probe = folder + "/.tidemark-lock-XXXXXX";
    const int file = mkstemp(probe.data());
    if (file < 0) return true;  // not writable: opening the primary says so better
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    range.l_len = 1;
    const bool works = fcntl(file, F_SETLK, &range) == 0 || (errno != ENOLCK && errno != ENOSYS);
    close(file);
    unlink(probe.c_str());
    return works;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = static_cast<char>(c | 0x20);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size();
        const int high = escape ? hex_value(text[i + 1]) : -1;
        const int low = escape ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            out += text[i];
        } else {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

/// The path in a file: URL (file:p, file:/p, file:///p, file://localhost/p), or the path itself.
std::string written_path(const std::string& url) {
    if (!starts_with_name(url, "file:")) return url;
    std::string_view rest = std::string_view(url).substr(5);
    if (rest.starts_with("//")) {
        rest.remove_prefix(2);
        if (starts_with_name(rest, "localhost/")) rest.remove_prefix(9);
        if (!rest.starts_with("/")) {
            throw Error(ErrorCode::usage,
                        url + " names a host; a file: URL can only name a path here",
                        "Write file:///absolute/path or just the path.");
        }
    }
    return percent_decoded(rest.substr(0, rest.find_first_of("?#")));
}

/// Something of the form scheme://… that is no file.
bool looks_like_url(const std::string& given) {
    const std::size_t colon = given.find("://");
    return colon != std::string::npos && colon > 0 && !starts_with_name(given, "file:") &&
           given.find('/') > colon;
}

Location on_server(const net::Url& url, const Risks& taken) {
    if (!url.tls && !url.is_loopback() && !taken.plain_http) {
        throw Error(ErrorCode::usage,
                    "the primary " + auth::masked(url.text()) +
                        " would be spoken to without TLS, so that everybody on the way could read "
                        "the data and the token",
                    "Use libsql:// or https://. --allow-plain-http takes the risk.");
    }
    return {url.text(), url, {}};
}

}  // namespace

std::string copying_service(const std::string& path) {
    for (fs::path folder = fs::path(path).parent_path(); !folder.empty();
         folder = folder.parent_path()) {
        for (const Service& service : services) {
            std::error_code ignored;
            const std::string name = lower(folder.filename().string());
            const bool named =
                service.folder &&
                (name == service.folder || name.starts_with(std::string(service.folder) + " "));
            const bool marked = service.marker && fs::exists(folder / service.marker, ignored);
            if (named || marked) return service.name;
        }
        if (folder == folder.root_path()) break;
    }
    return {};
}

std::string Location::path_of(const std::string& given) {
    if (looks_like_url(given)) return net::Url::parse(given).text();
    const std::string path = written_path(given);
    if (path.empty()) {
        throw Error(ErrorCode::usage, "no primary was given",
                    "Give the path of a file or the URL of a server.");
    }
    return fs::weakly_canonical(fs::absolute(path)).string();
}

Location Location::stored(const std::string& path) {
    if (net::Url::is_one(path)) return {path, net::Url::parse(path), {}};
    return {path, {}, {}};
}

std::string Location::shown() const { return auth::masked(path); }

Location Location::parse(const std::string& given, const Risks& taken) {
    if (looks_like_url(given)) return on_server(net::Url::parse(given), taken);
    Location location{path_of(given), {}, {}};
    const std::string folder = fs::path(location.path).parent_path().string();
    if (!fs::is_directory(folder)) {
        throw Error(ErrorCode::unreachable, "the folder " + folder + " of the primary is not there",
                    "Create it, or mount the disk that it is on.");
    }
    const std::string service = copying_service(location.path);
    if (!service.empty() && !taken.copied_folder) {
        throw Error(ErrorCode::failed,
                    "the primary would lie in a folder that " + service +
                        " copies: it copies the database while it is being written, and every "
                        "device would lock a copy of its own, so edits would be lost",
                    "Put the primary on a disk that all devices open directly; "
                    "--allow-copied-folder takes the risk.");
    }
    if (!service.empty()) {
        location.warnings.push_back("The primary is in a folder that " + service +
                                    " copies; edits can be lost when two devices sync at once.");
    }
    if (!locks_work(folder)) {
        throw Error(ErrorCode::failed,
                    "the file system of " + folder +
                        " has no working locks, so two devices could "
                        "write the primary at the same time and damage it",
                    "Mount it with locks, or put the primary elsewhere.");
    }
    if (const char* kind = remote_file_system(folder)) {
        location.warnings.push_back(std::string("The primary is on a network file system (") +
                                    kind + "); its locks must reach every device that mounts it.");
    }
    return location;
}

}  // namespace tidemark
