#pragma once

#include <map>
#include <string>
#include <string_view>

/// Who may do what.
namespace tidemark::auth {

/// What is allowed in one database.
struct Rights {
    bool read = false;
    bool write = false;
    bool attach = false;  ///< as a further database of another one's connection
    bool ddl = false;     ///< to change a schema that another database prescribes
    bool operator==(const Rights&) const = default;

    bool none() const { return *this == Rights{}; }
    Rights operator|(const Rights& other) const {
        return {read || other.read, write || other.write, attach || other.attach, ddl || other.ddl};
    }
};

/// What a token allows, database by database.
class Permission {
public:
    /// Nothing at all.
    Permission() = default;
    /// These rights in every database.
    explicit Permission(Rights everywhere) : everywhere_(everywhere) {}
    /// Everything: for a server that asks for no token.
    static Permission full() { return Permission({true, true, true, true}); }

    void allow(std::string_view database, Rights rights);

    Rights in(std::string_view database) const;
    /// What holds in every database, also in those still to be made.
    Rights everywhere() const { return everywhere_; }

    bool operator==(const Permission&) const = default;

private:
    Rights everywhere_;
    std::map<std::string, Rights, std::less<>> databases_;
};

}  // namespace tidemark::auth
