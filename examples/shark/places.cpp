#include "shark/places.hpp"

#include <filesystem>

#include "common/text.hpp"

namespace shark {

Places Places::of_user() {
    const std::string folder = examples::home_folder() + "/.shark/";
    return {folder + "shark.db",    folder + "turso-replica.db", folder + "turso-sync.json",
            folder + "turso-token", folder + "sync.log",         folder + "background.pid"};
}

bool Places::in_cloud() const { return std::filesystem::exists(replica); }

}  // namespace shark
