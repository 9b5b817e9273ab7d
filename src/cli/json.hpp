#pragma once

#include <optional>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <tidemark/tidemark.hpp>

/// The objects that --json prints. Their names are a promise: docs/command.md lists them.
namespace tidemark::cli {

/// Bytes that are not UTF-8 become U+FFFD: for names, paths and messages.
boost::json::string json_text(std::string_view text);

/// Nothing of the value is lost: NULL as null, integers as numbers, reals as numbers that have a
/// fraction or an exponent, text as strings, {"blob": hex}, {"text": hex} where text is not UTF-8,
/// and {"real": "inf"} or {"real": "-inf"}.
boost::json::value to_json(const Value& value);

boost::json::object to_json(const Error& error);
boost::json::object to_json(const SyncReport& report);
boost::json::object to_json(const SyncPlan& plan, Direction direction);
boost::json::object to_json(const AttachReport& report);
boost::json::object to_json(const VerifyReport& report);
boost::json::object to_json(const Status& status);
boost::json::object to_json(const Conflict& conflict);
boost::json::object to_json(const SyncRecord& record);
boost::json::object to_json(const Device& device);
boost::json::object to_json(const NetworkUse& use);
/// What came of asking the primary.
boost::json::object to_json(const std::optional<Probe>& probe, const std::optional<Error>& failure);

}  // namespace tidemark::cli
