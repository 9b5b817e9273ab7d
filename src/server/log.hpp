#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark::server {

/// What happened, one line each on stderr: text for a person, or a JSON object for a machine. It is
/// handed names, counts and messages, never a header, a token, an argument or a row. Any thread may
/// call it.
class Log {
public:
    enum class Level { debug, info, warning, error, off };

    struct Field {
        std::string_view name;
        std::string value;

        Field(std::string_view called, std::string text) : name(called), value(std::move(text)) {}
        Field(std::string_view called, std::string_view text) : name(called), value(text) {}
        Field(std::string_view called, const char* text) : name(called), value(text) {}
        Field(std::string_view called, std::int64_t number)
            : name(called), value(std::to_string(number)) {}
    };
    using Fields = std::initializer_list<Field>;

    Log(Level least, bool json);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    bool wants(Level level) const { return level >= least_; }
    void write(Level level, std::string_view event, Fields fields = {});
    void debug(std::string_view event, Fields fields = {}) { write(Level::debug, event, fields); }
    void info(std::string_view event, Fields fields = {}) { write(Level::info, event, fields); }
    void warning(std::string_view event, Fields fields = {}) {
        write(Level::warning, event, fields);
    }
    void error(std::string_view event, Fields fields = {}) { write(Level::error, event, fields); }

    void flush();

private:
    struct Sink;
    Level least_;
    bool json_;
    std::unique_ptr<Sink> sink_;
};

}  // namespace tidemark::server
