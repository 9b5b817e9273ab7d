#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark::server {

/// What one client may take. Every number is an option of the command; the reason stands beside it.
struct Limits {
    // ---- HTTP and WebSocket
    std::size_t header_bytes = 16 * 1024;        ///< tokens are long, cookies are not ours
    std::size_t body_bytes = 32 * 1024 * 1024;   ///< a push page is 1 MB; an import is larger
    std::size_t frame_bytes = 16 * 1024 * 1024;  ///< a WebSocket message
    std::size_t connections = 4'096;             ///< each costs some 20 KiB and a descriptor
    std::size_t streams = 4'096;                 ///< of all databases together
    std::size_t streams_per_socket = 128;        ///< of one WebSocket
    std::size_t waiters = 1'024;                 ///< requests that wait for news at one time
    std::int64_t header_ms = 10'000;             ///< from the first byte to the end of the header
    std::int64_t body_ms = 120'000;              ///< for the whole body
    std::int64_t write_ms = 30'000;              ///< for each 256 KiB of an answer
    std::int64_t keep_alive_ms = 75'000;         ///< between two requests
    std::int64_t socket_idle_ms = 900'000;       ///< between two messages of a WebSocket
    std::int64_t shutdown_ms = 10'000;           ///< for what is under way when the server stops

    // ---- SQL
    std::size_t sql_bytes = 1'000'000;        ///< SQLite's own default
    std::size_t response_rows = 1'000'000;    ///< of one request; a cursor's are not counted
    std::size_t response_bytes = 10'000'000;  ///< of one pipeline; sqld's figure
    std::int64_t statement_ms = 30'000;       ///< then it is interrupted
    std::size_t stored_sql = 150;             ///< of one stream or WebSocket
    std::size_t stored_sql_bytes = 5'000;     ///< of one text; sqld's figure
    std::int64_t busy_ms = 30'000;            ///< how long a write waits for its turn
    std::int64_t stream_idle_ms = 10'000;     ///< then a stream expires; sqld's figure
    std::int64_t write_idle_ms = 5'000;       ///< of a write transaction while others wait
    std::int64_t database_idle_ms = 600'000;  ///< then a database is closed; 0: never
    std::size_t group_writes = 512;           ///< in one commit
    std::size_t cached_statements = 128;      ///< of each SQLite connection
};

}  // namespace tidemark::server
