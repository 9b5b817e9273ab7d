#pragma once

#include <cstdint>
#include <string>

namespace tidemark::robust {

/// A number from the environment, for the long version of a test.
std::int64_t setting(const char* name, std::int64_t otherwise);

/// A folder of its own for one test; it goes at the end of the scope.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    /// The path of a file in it.
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// Each opens the file anew, as any other program would.
void run(const std::string& file, const std::string& sql);
std::int64_t number(const std::string& file, const std::string& sql);
std::string text(const std::string& file, const std::string& sql);

/// Makes the file if it is missing, in this journal mode ("wal", "delete"), and runs `sql`.
void make(const std::string& file, const std::string& journal_mode, const std::string& sql);

/// "WITH RECURSIVE n(i) AS (from … to)": numbers for an INSERT … SELECT.
std::string numbers(std::int64_t from, std::int64_t to);

/// How many rows of `table` one of the files has and the other has not, value by value.
std::int64_t differing_rows(const std::string& a, const std::string& b, const std::string& table);

/// "ok", or what integrity_check and foreign_key_check find.
std::string integrity(const std::string& file);

}  // namespace tidemark::robust
