#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "hrana/protocol.hpp"
#include "server/executor.hpp"
#include "server/task.hpp"

namespace tidemark::server {

class Stream;

/// A batch whose rows are handed out bit by bit, as they are asked for. A step that only reads is
/// computed as far as its rows are fetched; one that writes is run to its end first, because nobody
/// may keep the turn waiting by reading slowly. Belongs to its stream, and same rule.
class Cursor {
public:
    Cursor(Stream& stream, hrana::Batch batch);

    /// Appends entries: at most `max_count`, and no further ones after about `max_bytes` of values
    /// or a moment's work. The last one of all is CursorDone.
    Task<> fetch(std::vector<hrana::CursorEntry>& entries, std::size_t max_count,
                 std::size_t max_bytes);
    bool done() const { return computed_ && ready_.empty(); }
    /// Whether a statement of the stream's connection is under way.
    bool is_reading() const { return reading_ != nullptr; }

private:
    Task<> compute(std::size_t max_count, std::size_t max_bytes);
    Task<hrana::CursorEntry> next(std::size_t& bytes);
    Task<hrana::CursorEntry> begin_step();
    bool skip_to_step();
    hrana::CursorEntry next_row(std::size_t& bytes);
    hrana::CursorEntry next_kept_row(std::size_t& bytes);
    hrana::CursorEntry end_step(hrana::StmtResult result);
    hrana::CursorEntry fail_step(hrana::ProtocolError error);

    Stream& stream_;
    hrana::Batch batch_;
    Budget budget_;
    hrana::BatchResult outcomes_;  ///< without rows: for the conditions
    std::size_t step_ = 0;
    std::unique_ptr<Execution> reading_;  ///< of the step before step_
    hrana::StmtResult kept_;              ///< what the step before step_ returned by writing
    std::size_t kept_row_ = 0;
    bool keeping_ = false;
    bool computed_ = false;
    std::deque<hrana::CursorEntry> ready_;
};

}  // namespace tidemark::server
