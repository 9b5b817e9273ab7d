#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "primary/endpoint.hpp"
#include "primary/hrana_stream.hpp"
#include "schema/catalog.hpp"

namespace tidemark {

/// A primary behind a server that speaks Hrana over HTTP: `tidemark serve`, sqld, Turso Cloud, or
/// tursodb's sync server.
///
/// It keeps to what all of them run: `batch` with positional arguments on /v2/pipeline, each step
/// under the condition that the one before went well, and a last one that rolls back. Where a
/// server's clients share one connection (tursodb), no transaction stays open between two requests:
/// its steps are deferred until the one that commits.
class HranaEndpoint final : public SqlEndpoint {
public:
    /// The primary's triggers that would write one of these tables a second time, and those that
    /// fire after them, in the order in which they were made.
    using TriggersWriting = std::function<Catalog(const std::vector<std::string>& tables)>;

    HranaEndpoint(net::Url url, std::string token, const HranaStream::Connected& connected,
                  TriggersWriting triggers_writing);
    ~HranaEndpoint() override;

    Answer run(const std::vector<Step>& steps) override;
    void quiet(const std::vector<std::string>& tables) override;
    bool holds_transactions() override;
    bool notes_our_writes() const override { return true; }
    News wait_for_change(std::int64_t seq, std::int64_t timeout_ms,
                         const std::atomic<bool>& cancelled) override;
    std::string name() const override { return stream_.shown(); }

private:
    struct Request;

    void add(Request& request, const Step& step);
    Answer send(Request& request);
    Answer send_once(Request& request);
    void limit_pages(Request& request);
    bool make_pages_smaller(const Request& request);
    void learn_page_size(const std::string& sql, std::int64_t max_bytes, const Rows& rows);
    void require_sendable(const Row& row);
    const Catalog& standing_aside();
    SqlError failure_of(const hrana::ProtocolError& error, const std::string& sql) const;

    HranaStream stream_;
    Clock& clock_;
    Rng& rng_;
    TriggersWriting triggers_writing_;

    bool in_transaction_ = false;        ///< the server has one of ours open
    std::unique_ptr<Request> deferred_;  ///< the steps of a transaction that has not been sent
    bool aside_ = false;                 ///< triggers have been dropped in it

    std::vector<std::string> quiet_tables_;
    std::optional<Catalog> standing_aside_;          ///< found with the first push
    std::map<std::string, std::int64_t> page_rows_;  ///< rows that fit in a page, by statement
};

}  // namespace tidemark
