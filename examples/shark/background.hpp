#pragma once

#include <optional>

#include "common/background_sync.hpp"
#include "shark/places.hpp"

namespace shark {

/// How shark syncs by itself; nothing where it is not connected, or SHARK_BACKGROUND_SYNC=off.
std::optional<examples::BackgroundSync> background(const Places& places);

/// What the process in the background does.
void run_background(const Places& places);

}  // namespace shark
