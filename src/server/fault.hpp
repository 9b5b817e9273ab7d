#pragma once

#include <string>
#include <utility>

#include "hrana/protocol.hpp"

struct sqlite3;

namespace tidemark::server {

/// What a client is told of a request that went wrong. The stream and what follows it go on.
struct Fault {
    hrana::ProtocolError error;

    Fault(std::string code, std::string message) : error{std::move(message), std::move(code), {}} {}
    explicit Fault(hrana::ProtocolError what) : error(std::move(what)) {}
};

/// What ends a whole HTTP request: the protocol was broken, or the caller may not.
struct HttpFault {
    int status;
    hrana::ProtocolError error;
    bool plain = false;  ///< the message alone, as text/plain

    HttpFault(int with, std::string code, std::string message, bool as_text = false)
        : status(with), error{std::move(message), std::move(code), {}}, plain(as_text) {}
};

/// The last error of `db`, which a call answered with `rc`, as Hrana puts it: the primary name as
/// the code, the extended one beside it. A syntax error is SQL_PARSE_ERROR.
Fault sql_fault(sqlite3* db, int rc);

/// "SQLITE_CONSTRAINT_UNIQUE" for an extended code; the primary name where it has none of its own.
std::string result_name(int extended_code);

}  // namespace tidemark::server
