#include "shark/background.hpp"

#include <cstdlib>
#include <string_view>

#include "shark/cloud.hpp"

namespace shark {
namespace {

examples::BackgroundSync setup(const Places& places) {
    return {places.replica, places.turn, {"cloud", "sync", "--background"}};
}

}  // namespace

std::optional<examples::BackgroundSync> background(const Places& places) {
    const char* setting = std::getenv("SHARK_BACKGROUND_SYNC");
    const bool off = setting && std::string_view(setting) == "off";
    return places.in_cloud() && !off ? std::optional(setup(places)) : std::nullopt;
}

void run_background(const Places& places) {
    if (!places.in_cloud()) return;
    const Cloud cloud(places);
    setup(places).run(cloud.token(),
                      {[&](const tidemark::SyncReport& report) { cloud.note(report); },
                       [&](const tidemark::Error& failure) { cloud.note(failure); }});
}

}  // namespace shark
