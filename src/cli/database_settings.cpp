#include "cli/database_settings.hpp"

namespace tidemark::cli {
namespace {

constexpr const char* batch_rows = "sync.batch_rows";
constexpr const char* batch_bytes = "sync.batch_bytes";

}  // namespace

std::string DatabaseSettings::get(const std::string& name) {
    return find_setting(setting_named(name), file_,
                        [this](const std::string& own) { return preferences_.get(own); })
        .value;
}

BatchSize DatabaseSettings::batch() {
    return {std::stoll(get(batch_rows)), std::stoll(get(batch_bytes))};
}

OpenOptions open_options(const std::string& path, const Session& session) {
    return {session.token(), DatabaseSettings(path).batch()};
}

BatchSize batch_of_user() {
    return {std::stoll(setting(batch_rows)), std::stoll(setting(batch_bytes))};
}

}  // namespace tidemark::cli
