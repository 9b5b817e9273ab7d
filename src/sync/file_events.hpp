#pragma once

#include <map>
#include <string>
#include <vector>

namespace tidemark {

/// Tells when one of some SQLite files was written, by whatever program: inotify on their folders.
/// A file that is not there yet, or is replaced, is noticed too. Use it from one thread.
class FileEvents {
public:
    /// A folder that is not there is left out. Throws Error{failed} where the system allows no more
    /// watches.
    explicit FileEvents(const std::vector<std::string>& databases);
    ~FileEvents();
    FileEvents(const FileEvents&) = delete;
    FileEvents& operator=(const FileEvents&) = delete;

    /// Becomes readable when something happened.
    int descriptor() const { return inotify_; }
    /// Takes what has happened since the last call: whether any of it was a write to the files.
    bool written();

private:
    int inotify_;
    std::map<int, std::vector<std::string>> names_;  ///< by watch: files that count in its folder
};

}  // namespace tidemark
