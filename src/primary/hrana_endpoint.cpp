#include "primary/hrana_endpoint.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>

#include "base/text.hpp"
#include "base/tuning.hpp"
#include "hrana/json.hpp"
#include "net/failure.hpp"
#include "primary/packed.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {
namespace {

using hrana::Cond;

constexpr const char* begin_push = "BEGIN IMMEDIATE";

Cond ok(std::size_t step) { return {Cond::Kind::ok, static_cast<std::uint32_t>(step), {}}; }
Cond not_ok(std::size_t step) { return {Cond::Kind::negation, 0, {ok(step)}}; }

bool begins(const Step& step) { return starts_with_name(step.sql, "BEGIN"); }
bool ends(const Step& step) { return step.sql == "COMMIT" || step.sql == "ROLLBACK"; }

/// Changes nothing, so that it may be sent twice.
bool only_reads(const Step& step) {
    const std::string_view sql = step.sql;
    const std::string_view words = sql.substr(std::min(sql.find_first_not_of(" \n"), sql.size()));
    return starts_with_name(words, "SELECT") || sql == "BEGIN" || sql == "COMMIT";
}

/// How the errors of servers are to be read: by their code where they give SQLite's, else by
/// SQLite's own words, which all of them repeat.
struct Meaning {
    const char* code;   ///< what the code begins with
    const char* words;  ///< what the message holds
    int sqlite;
};
constexpr Meaning meanings[] = {
    {"SQLITE_CONSTRAINT", "constraint failed", SQLITE_CONSTRAINT},
    {"SQLITE_BUSY", "database is locked", SQLITE_BUSY},
    {"TRANSACTION_BUSY", "cannot start a transaction within a transaction", SQLITE_BUSY},
    {"TRANSACTION_TIMEOUT", "transaction timeout", SQLITE_BUSY},
    {"SQLITE_READONLY", "attempt to write a readonly database", SQLITE_READONLY},
    {"SQLITE_FULL", "database or disk is full", SQLITE_FULL},
    {"SQLITE_CORRUPT", "database disk image is malformed", SQLITE_CORRUPT},
    {"SQLITE_AUTH", "not authorized", SQLITE_AUTH},
};

int sqlite_code_of(const hrana::ProtocolError& error) {
    for (const Meaning& meaning : meanings) {
        if (error.code.starts_with(meaning.code) ||
            error.message.find(meaning.words) != std::string::npos) {
            return meaning.sqlite;
        }
    }
    return SQLITE_ERROR;
}

/// The names that servers put before SQLite's own words.
std::string_view without_prefix(std::string_view message) {
    for (const std::string_view prefix :
         {"SQLite error: ", "Runtime error: ", "Parse error: ", "Parse error: "}) {
        if (message.starts_with(prefix)) message.remove_prefix(prefix.size());
    }
    return message;
}

bool too_large(const hrana::ProtocolError& error) { return error.code == "RESPONSE_TOO_LARGE"; }

/// Whether a number did not come through: SQLite holds no NaN, but JSON no infinity.
bool lacks_a_number(const hrana::BatchResult& result) {
    const auto is_nan = [](const Value& value) {
        const auto* real = std::get_if<double>(&value);
        return real && std::isnan(*real);
    };
    for (const auto& step : result.step_results) {
        if (!step) continue;
        for (const Row& row : step->rows) {
            if (std::any_of(row.begin(), row.end(), is_nan)) return true;
        }
    }
    return false;
}

}  // namespace

/// Steps on their way: the batch, and which step each of its statements is of.
struct HranaEndpoint::Request {
    struct Statement {
        std::size_t step;
        bool rows;  ///< they are the step's; those of statements of our own are nobody's
    };
    struct Page {
        std::size_t statement;
        std::string sql;
        std::int64_t max_bytes;
        std::int64_t at_most;  ///< rows; 0: as many as there are
    };

    hrana::Batch batch;
    std::vector<Statement> statements;
    std::vector<Page> pages;
    std::vector<std::string> sql;      ///< of each step
    std::optional<std::size_t> begin;  ///< the statement that begins a transaction
    bool continues = false;            ///< one is open at the server
    bool leaves_open = false;
    bool reads = true;    ///< and does nothing else
    bool guards = false;  ///< does nothing when it is done a second time

    void put(std::string text, Row arguments, std::size_t step, bool rows) {
        hrana::BatchStep one;
        if (!batch.steps.empty()) one.condition = ok(batch.steps.size() - 1);
        one.stmt.sql.sql = std::move(text);
        one.stmt.args = std::move(arguments);
        batch.steps.push_back(std::move(one));
        statements.push_back({step, rows});
    }
    void put_rollback() {
        const std::size_t last = batch.steps.size() - 1;
        hrana::BatchStep one;
        one.condition = begin && !continues ? Cond{Cond::Kind::all, 0, {ok(*begin), not_ok(last)}}
                                            : not_ok(last);
        one.stmt.sql.sql = "ROLLBACK";
        batch.steps.push_back(std::move(one));
    }
};

HranaEndpoint::HranaEndpoint(net::Url url, std::string token,
                             const HranaStream::Connected& connected,
                             TriggersWriting triggers_writing)
    : stream_(std::move(url), std::move(token), connected),
      clock_(connected.clock),
      rng_(connected.rng),
      triggers_writing_(std::move(triggers_writing)) {}

HranaEndpoint::~HranaEndpoint() = default;

void HranaEndpoint::quiet(const std::vector<std::string>& tables) {
    quiet_tables_ = tables;
    standing_aside_.reset();
}

bool HranaEndpoint::holds_transactions() { return stream_.kind() != HranaStream::Kind::sharing; }

/// `tidemark serve` compiles out what these triggers would write, and leaves the rest of them be.
const Catalog& HranaEndpoint::standing_aside() {
    if (!standing_aside_) {
        standing_aside_ = quiet_tables_.empty() ? Catalog() : triggers_writing_(quiet_tables_);
        if (!standing_aside_->empty() && stream_.kind() == HranaStream::Kind::tidemark) {
            standing_aside_->clear();
        }
    }
    return *standing_aside_;
}

// JSON holds no infinity, and neither form a text that is not Unicode. Refusing loses nothing;
// sending would.
void HranaEndpoint::require_sendable(const Row& row) {
    for (const Value& value : row) {
        const auto* text = std::get_if<std::string>(&value);
        if (text && !is_utf8(*text)) {
            throw Error(
                ErrorCode::failed,
                "a changed row holds text that is not UTF-8, which cannot travel to the "
                "server " +
                    name(),
                "Store it as a blob: UPDATE … SET column = CAST(column AS BLOB). Everything "
                "pending is kept.");
        }
        const auto* real = std::get_if<double>(&value);
        if (real && !std::isfinite(*real) && !stream_.carries_infinity()) {
            throw Error(
                ErrorCode::failed,
                "a changed row holds an infinite number, which cannot travel to the server " +
                    name(),
                "Give the column another value. Everything pending is kept.");
        }
    }
}

void HranaEndpoint::add(Request& request, const Step& step) {
    const std::size_t number = request.sql.size();
    request.sql.push_back(step.sql);
    request.reads = request.reads && only_reads(step);
    request.guards = request.guards || step.guards;
    if (!request.continues && request.batch.steps.empty()) {
        // sqld has them on: a cascade would delete what nobody has looked at.
        request.put("PRAGMA foreign_keys = OFF", {}, number, false);
    }
    if (step.sql == "COMMIT" && aside_) {
        for (const SchemaObject& trigger : standing_aside()) {
            request.put(trigger.sql, {}, number, false);
        }
        aside_ = false;
    }
    if (begins(step)) request.begin = request.batch.steps.size();
    std::vector<Row> rows = step.arguments;
    for (const Row& row : rows) {
        require_sendable(row);
        traffic_.bytes_sent += static_cast<std::int64_t>(size_of(row));
    }
    for (BoundSql& statement : packed(step.sql, step.many, rows)) {
        if (step.max_bytes > 0) {
            request.pages.push_back({request.batch.steps.size(), statement.sql, step.max_bytes, 0});
        }
        request.put(std::move(statement.sql), std::move(statement.arguments), number, true);
    }
    if (step.sql == begin_push && !quiet_tables_.empty()) {
        for (const SchemaObject& trigger : standing_aside()) {
            request.put("DROP TRIGGER IF EXISTS " + quoted(trigger.name), {}, number, false);
            aside_ = true;
        }
    }
}

Answer HranaEndpoint::run(const std::vector<Step>& steps) {
    const bool open_before = in_transaction_ || deferred_;
    const bool opens = std::any_of(steps.begin(), steps.end(), begins);
    const bool leaves_open = (open_before || opens) && !ends(steps.back());
    if (steps.back().sql == "ROLLBACK" && !in_transaction_) {
        deferred_.reset();
        return {std::vector<Rows>(steps.size()), std::nullopt, 0};
    }
    if (!open_before) aside_ = false;
    if (leaves_open && !open_before && stream_.kind() == HranaStream::Kind::sharing) {
        deferred_ = std::make_unique<Request>();
    }
    std::size_t deferred = 0;
    Request request;
    if (deferred_) {
        deferred = deferred_->sql.size();
        for (const Step& step : steps) add(*deferred_, step);
        if (leaves_open) return {std::vector<Rows>(steps.size()), std::nullopt, 0};
        request = std::move(*deferred_);
        deferred_.reset();
    } else {
        request.continues = in_transaction_;
        for (const Step& step : steps) add(request, step);
    }
    request.leaves_open = leaves_open;
    if (request.continues || request.begin) request.put_rollback();
    Answer answer = send(request);
    answer.deferred = deferred;
    return answer;
}

/// A transaction that did not even begin, because another client has one, is tried again.
Answer HranaEndpoint::send(Request& request) {
    const std::int64_t started = clock_.steady_ms();
    while (true) {
        Answer answer = send_once(request);
        const bool began_nothing = answer.failure && request.begin &&
                                   answer.results.size() <= request.statements[*request.begin].step;
        if (!began_nothing || answer.failure->primary_code() != SQLITE_BUSY ||
            clock_.steady_ms() - started > tuning::busy_timeout_ms) {
            return answer;
        }
        clock_.sleep_ms(static_cast<std::int64_t>(
            rng_.next() % static_cast<std::uint64_t>(tuning::server_busy_pause_ms)));
    }
}

Answer HranaEndpoint::send_once(Request& request) {
    const bool repeatable =
        (request.reads || request.guards) && !request.continues && !request.leaves_open;
    const HranaStream::Headers headers{{"Tidemark-Quiet", quiet_tables_.empty() ? "0" : "1"}};
    std::optional<HranaStream::Outcome> outcome;
    bool lacks_number = false;
    while (!outcome) {
        limit_pages(request);
        ++traffic_.round_trips;
        try {
            outcome = stream_.run(request.batch, headers, request.continues, repeatable);
            const auto* error = std::get_if<hrana::ProtocolError>(&*outcome);
            if (error && too_large(*error) && make_pages_smaller(request)) {
                outcome.reset();
                continue;
            }
            lacks_number = !error && lacks_a_number(std::get<hrana::BatchResult>(*outcome));
            if (lacks_number && repeatable && stream_.gains_infinity()) outcome.reset();
        } catch (const net::TransportFailure& failure) {
            in_transaction_ = false;
            if (!make_pages_smaller(request)) throw net::error_of(failure, name());
        } catch (...) {
            in_transaction_ = false;
            throw;
        }
    }
    Answer answer;
    in_transaction_ = request.leaves_open;
    if (const auto* error = std::get_if<hrana::ProtocolError>(&*outcome)) {
        if (in_transaction_ || request.continues) {
            in_transaction_ = true;
            run({{"ROLLBACK"}});
        }
        answer.failure = failure_of(*error, {});
        return answer;
    }
    if (lacks_number) {
        throw Error(ErrorCode::failed,
                    "a row at the primary " + name() +
                        " holds an infinite number, which its server cannot send",
                    "Give the column another value there; nothing was changed here.");
    }
    auto& result = std::get<hrana::BatchResult>(*outcome);
    answer.results.resize(request.sql.size());
    for (std::size_t i = 0; i < request.statements.size(); ++i) {
        const Request::Statement& statement = request.statements[i];
        if (result.step_errors[i] || !result.step_results[i]) {
            in_transaction_ = false;
            answer.results.resize(statement.step);
            const hrana::ProtocolError skipped{"a statement was left out by the server", {}, {}};
            answer.failure =
                failure_of(result.step_errors[i].value_or(skipped), request.sql[statement.step]);
            return answer;
        }
        traffic_.rows_read += static_cast<std::int64_t>(result.step_results[i]->rows_read);
        traffic_.rows_written += static_cast<std::int64_t>(result.step_results[i]->rows_written);
        if (!statement.rows) continue;
        std::vector<Row>& rows = answer.results[statement.step].rows;
        for (Row& row : result.step_results[i]->rows) {
            traffic_.bytes_received += static_cast<std::int64_t>(size_of(row));
            rows.push_back(std::move(row));
        }
    }
    for (const Request::Page& page : request.pages) {
        Rows& rows = answer.results[request.statements[page.statement].step];
        const auto count = static_cast<std::int64_t>(rows.rows.size());
        rows.cut = page.at_most > 0 && count >= page.at_most;
        learn_page_size(page.sql, page.max_bytes, rows);
    }
    return answer;
}

// A server collects rows without counting their bytes, so their number is what can be bounded. It
// follows the size that the rows turn out to have.
void HranaEndpoint::limit_pages(Request& request) {
    for (Request::Page& page : request.pages) {
        const auto known = page_rows_.find(page.sql);
        page.at_most = known == page_rows_.end() ? 0 : known->second;
        std::optional<std::string>& sql = request.batch.steps[page.statement].stmt.sql.sql;
        sql = page.sql;
        if (page.at_most > 0) {
            sql = "SELECT * FROM (" + page.sql + ") LIMIT " + std::to_string(page.at_most);
        }
    }
}

/// False where they cannot be.
bool HranaEndpoint::make_pages_smaller(const Request& request) {
    constexpr std::int64_t divisor = 8;
    bool smaller = false;
    for (const Request::Page& page : request.pages) {
        const std::int64_t now = page.at_most > 0 ? page.at_most : batch().rows;
        page_rows_[page.sql] = std::max<std::int64_t>(1, now / divisor);
        smaller = smaller || now > 1;
    }
    return smaller;
}

void HranaEndpoint::learn_page_size(const std::string& sql, std::int64_t max_bytes,
                                    const Rows& rows) {
    const auto count = static_cast<std::int64_t>(rows.rows.size());
    if (count == 0) return;
    std::int64_t bytes = 0;
    for (const Row& row : rows.rows) bytes += static_cast<std::int64_t>(size_of(row));
    const std::int64_t fitting =
        std::max<std::int64_t>(1, count * max_bytes / std::max<std::int64_t>(bytes, 1));
    if (fitting < batch().rows) {
        page_rows_[sql] = fitting;
    } else {
        page_rows_.erase(sql);
    }
}

News HranaEndpoint::wait_for_change(std::int64_t seq, std::int64_t timeout_ms,
                                    const std::atomic<bool>& cancelled) {
    const net::HttpResponse response = stream_.get(
        "/tidemark/wait?after=" + std::to_string(seq) + "&timeout_ms=" + std::to_string(timeout_ms),
        timeout_ms, cancelled);
    if (response.status == 404 || response.status == 405) return News::unknown;
    boost::system::error_code bad;
    const boost::json::value body = boost::json::parse(response.body, bad);
    const auto* told = response.status == 200 && !bad ? body.if_object() : nullptr;
    const auto* head = told ? told->if_contains("seq") : nullptr;
    if (!head || !head->is_int64()) throw net::error_of(response, name());
    const auto* foreign = told->if_contains("foreign");
    const bool written = foreign && foreign->is_bool() && foreign->get_bool();
    return written || head->get_int64() != seq ? News::yes : News::no;
}

SqlError HranaEndpoint::failure_of(const hrana::ProtocolError& error,
                                   const std::string& sql) const {
    const int code = sqlite_code_of(error);
    if (error.code == "TEXT_NOT_UTF8") {
        return SqlError(code,
                        "a row at the primary " + name() +
                            " holds text that is not UTF-8, which its server cannot send",
                        "Store it there as a blob: UPDATE … SET column = CAST(column AS BLOB). "
                        "Nothing was changed here.");
    }
    std::string message = name() + ": " + std::string(without_prefix(error.message));
    switch (code) {
        case SQLITE_BUSY:
            return SqlError(code, message,
                            "Another client of the primary has a transaction open; try again "
                            "when it has ended.");
        case SQLITE_READONLY:
        case SQLITE_AUTH:
            return SqlError(code, message, "A token that may write is needed to sync.");
        default: break;
    }
    if (!sql.empty()) message += " in: " + sql;
    return SqlError(code, message, {});
}

}  // namespace tidemark
