#include "server/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tidemark::server {
namespace {

spdlog::level::level_enum level_of(Log::Level level) {
    switch (level) {
        case Log::Level::debug: return spdlog::level::debug;
        case Log::Level::info: return spdlog::level::info;
        case Log::Level::warning: return spdlog::level::warn;
        case Log::Level::error: return spdlog::level::err;
        case Log::Level::off: break;
    }
    return spdlog::level::off;
}

/// A value as it is, or in quotes where it would not be one word on one line.
std::string shown(const std::string& value) {
    const auto plain = [](unsigned char c) { return c > ' ' && c != '"' && c != 0x7f; };
    for (const char c : value) {
        if (!plain(static_cast<unsigned char>(c))) {
            return boost::json::serialize(boost::json::string(value));
        }
    }
    return value.empty() ? "\"\"" : value;
}

}  // namespace

struct Log::Sink {
    spdlog::logger logger;
};

Log::Log(Level least, bool json)
    : least_(least),
      json_(json),
      sink_(
          new Sink{spdlog::logger("tidemark", std::make_shared<spdlog::sinks::stderr_sink_mt>())}) {
    sink_->logger.set_level(level_of(least));
    sink_->logger.flush_on(spdlog::level::info);
    sink_->logger.set_pattern(json ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%e%z\",\"level\":\"%l\",%v}"
                                   : "%Y-%m-%d %H:%M:%S.%e %-7l %v");
}

Log::~Log() = default;

void Log::write(Level level, std::string_view event, Fields fields) {
    if (!wants(level)) return;
    std::string line;
    if (json_) {
        boost::json::object object{{"event", boost::json::string_view(event)}};
        for (const Field& field : fields) {
            object[boost::json::string_view(field.name)] = field.value;
        }
        line = boost::json::serialize(object);
        line = line.substr(1, line.size() - 2);
    } else {
        line = event;
        for (const Field& field : fields) {
            line.append(" ").append(field.name).append("=").append(shown(field.value));
        }
    }
    sink_->logger.log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

void Log::flush() { sink_->logger.flush(); }

}  // namespace tidemark::server
