// Whatever arrives as JSON is a message or Malformed; what was read and is written again reads the
// same; and the reader takes for JSON exactly what Boost.JSON does.

#include <boost/json/parse.hpp>

#include <cstdlib>

#include "fuzz/fuzz.hpp"
#include "hrana/json.hpp"
#include "hrana/json_reader.hpp"
#include "hrana/limits.hpp"

namespace tidemark::hrana {
namespace {

bool is_json_to_us(std::string_view text) {
    try {
        JsonReader json(text);
        json.skip();
        json.end();
        return true;
    } catch (const Malformed&) {
        return false;
    }
}

/// Nothing where it gives up on the exponent of a number, which may have any number of digits.
std::optional<bool> is_json_to_boost(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = max_json_depth;
    boost::system::error_code error;
    boost::json::parse({text.data(), text.size()}, error, {}, options);
    if (error == boost::json::error::exponent_overflow) return std::nullopt;
    return !error;
}

template <typename Message>
void check(std::string_view text, Message (*read)(std::string_view)) {
    fuzz::check_round_trip(
        text, read, [](std::string& out, const Message& message) { json::write(out, message); });
}

}  // namespace

void fuzz_one(std::string_view text) {
    const auto theirs = is_json_to_boost(text);
    if (theirs && *theirs != is_json_to_us(text)) std::abort();
    check<PipelineReq>(text, json::read_pipeline_req);
    check<CursorReq>(text, json::read_cursor_req);
    check<PipelineResp>(text, json::read_pipeline_resp);
    check<CursorHead>(text, json::read_cursor_head);
    check<CursorEntry>(text, json::read_cursor_entry);
    check<ws::ClientMsg>(text, json::read_client_msg);
    check<ws::ServerMsg>(text, json::read_server_msg);
    fuzz::read(text, json::read_execute_req);
    fuzz::read(text, json::read_batch_req);
    json::read_error(text);
}

}  // namespace tidemark::hrana

TIDEMARK_FUZZ(tidemark::hrana::fuzz_one)
