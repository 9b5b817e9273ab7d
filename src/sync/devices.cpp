#include "sync/devices.hpp"

#include <tidemark/error.hpp>

#include "base/text.hpp"

namespace tidemark {

std::vector<Device> read_devices(SqlEndpoint& endpoint, const std::string& own) {
    const auto rows = run_all(endpoint, {{R"(
        SELECT r.id, r.name, r.pushes, m.seq - r.mark, r.seen FROM tidemark_replicas r,
            tidemark_meta m ORDER BY r.seen DESC, r.name)"}});
    std::vector<Device> devices;
    for (const Row& row : rows[0].rows) {
        devices.push_back({as_text(row[0]), as_text(row[1]), as_text(row[0]) == own, as_int(row[2]),
                           as_int(row[3]), as_int(row[4])});
    }
    return devices;
}

const Device& device_named(const std::vector<Device>& devices, const std::string& wanted) {
    std::vector<const Device*> found;
    std::vector<std::string> names;
    for (const Device& device : devices) {
        names.push_back(device.name);
        if (device.id == wanted) return device;
        const bool by_id = wanted.size() >= 4 && device.id.starts_with(wanted);
        if (by_id || device.name == wanted) found.push_back(&device);
    }
    if (found.size() == 1) return *found.front();
    if (found.empty()) {
        throw Error(ErrorCode::usage, "the primary knows no device '" + wanted + "'",
                    "Devices: " + (names.empty() ? "none" : join(names, ", ")) + ".");
    }
    throw Error(ErrorCode::usage,
                std::to_string(found.size()) + " devices are called '" + wanted + "'",
                "Name one by its id, as 'tidemark devices' with --verbose shows it.");
}

void rename_device(SqlEndpoint& endpoint, const std::string& id, const std::string& name) {
    run_all(endpoint, {{"UPDATE tidemark_replicas SET name = ?2 WHERE id = ?1", {{id, name}}}});
}

void forget_device(SqlEndpoint& endpoint, const std::string& id) {
    run_all(endpoint, {{"DELETE FROM tidemark_replicas WHERE id = ?1", {{id}}}});
}

}  // namespace tidemark
