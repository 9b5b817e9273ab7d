#pragma once

#include <cstddef>
#include <cstdint>

/// Every number that somebody might want to tune, with its unit and its reason.
namespace tidemark::tuning {

/// How long a statement waits for another program's lock. Long enough for a large import by the
/// application to end, short enough that a person sees an error while still looking.
inline constexpr std::int64_t busy_timeout_ms = 30'000;

/// What a page may be set to, of rows and of bytes. A smaller one would be all round trips; a
/// larger one would come near to max_response_bytes, because each table has a page in a response.
inline constexpr std::int64_t least_batch_rows = 10;
inline constexpr std::int64_t most_batch_rows = 100'000;
inline constexpr std::int64_t least_batch_bytes = 10'000;
inline constexpr std::int64_t most_batch_bytes = 10'000'000;

/// Rows in one transaction of a first upload or download: what a kill can cost.
inline constexpr std::int64_t first_contact_rows = 20'000;

/// How long a sync goes on starting over because the primary moves on meanwhile, and the longest
/// pause before it does. Ten devices that push all the time, and programs that write the primary
/// directly in a loop, still leave gaps.
inline constexpr std::int64_t sync_patience_ms = 60'000;
inline constexpr std::int64_t retry_pause_ms = 50;

/// How long a sync waits for another one of the same file, and how often it looks. A first upload
/// of a large database takes minutes.
inline constexpr std::int64_t sync_turn_timeout_ms = 600'000;
inline constexpr std::int64_t sync_turn_pause_ms = 10;

/// For how many days a primary remembers what was deleted, and its commits, unless its own
/// `horizon_days` says otherwise. A device that was away for longer compares everything. Half a
/// year is longer than a device usually lies in a drawer; an entry takes about 100 bytes.
inline constexpr std::int64_t horizon_days = 180;

/// An edit's time may be this far ahead of the primary's clock before it is corrected.
inline constexpr std::int64_t clock_tolerance_ms = 60'000;

/// How often a step is taken anew because it found out what it needs first: rows that have to be
/// fetched, or who this replica is. Each time settles at least one such thing, so few are ever
/// used.
inline constexpr int max_retakes = 50;

/// Syncs that `tidemark_history` remembers.
inline constexpr std::int64_t history_rows = 1'000;

/// Days that `tidemark_days` remembers: three months to look back on.
inline constexpr std::int64_t tally_days = 92;

/// Keys of differing rows that `verify` names for a table: enough to see what they have in common.
inline constexpr std::int64_t named_differences = 10;

/// A watched replica whose primary is out of reach is tried again after this long, and at most this
/// long: a server that is back is noticed within seconds, and one attempt costs a refused
/// connection.
inline constexpr std::int64_t offline_first_ms = 500;
inline constexpr std::int64_t offline_most_ms = 4'000;

/// The same where it is not the network: what a person has to put right takes a person's time.
inline constexpr std::int64_t trouble_first_ms = 5'000;
inline constexpr std::int64_t trouble_most_ms = 300'000;

/// After the network has changed: addresses, routes and names come one after the other.
inline constexpr std::int64_t network_settles_ms = 200;

/// How long one request waits for news of the primary: shorter than what proxies cut off.
inline constexpr std::int64_t listen_ms = 25'000;

/// How long it may take to find out whether a primary's server is there again.
inline constexpr std::int64_t reach_timeout_ms = 2'000;

/// A watched file that is written without a pause is synced this often all the same.
inline constexpr std::int64_t longest_writing_ms = 1'000;

/// A watcher wakes up at least this often, whatever it waits for.
inline constexpr std::int64_t longest_wait_ms = 60'000;

/// Page cache of each connection, in KiB: syncs touch pages in key order, so more hardly helps.
inline constexpr std::int64_t cache_kib = 8'192;

/// How much of a push the slowest server works through in a second. Where one cannot keep a
/// transaction open, a push is one request, and silence is normal for as long as that takes.
inline constexpr std::int64_t slowest_bytes_per_s = 100'000;
/// A response never holds much more than one page of each table.
inline constexpr std::int64_t max_response_bytes = 64'000'000;

/// From this size on, it is worth a round trip to find out in which form a server takes and gives
/// more of the same: what protobuf and zstd save of it takes longer on a mobile connection.
inline constexpr std::size_t large_message_bytes = 65'536;
/// A request is packed from this size on. A smaller one travels in a few packets either way.
inline constexpr std::size_t packed_from_bytes = 4'096;

/// How long a stream at a server is used again: servers close an idle one after ten seconds.
inline constexpr std::int64_t stream_idle_ms = 5'000;
/// The longest pause before a transaction is tried again that another client's kept from beginning.
inline constexpr std::int64_t server_busy_pause_ms = 200;

/// Pauses before a request is tried again, the last of them for any further try, each up to a
/// quarter longer or shorter at random, so that devices which lost the same server do not come back
/// at the same moment.
inline constexpr std::int64_t retry_pauses_ms[] = {1'000, 2'000, 4'000};

/// A token that expires within this time is announced: long enough to get a new one from somebody
/// who is on holiday for a few days.
inline constexpr std::int64_t token_notice_ms = 7 * 86'400'000LL;

}  // namespace tidemark::tuning
