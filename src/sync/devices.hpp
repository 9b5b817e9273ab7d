#pragma once

#include <string>
#include <vector>

#include <tidemark/report.hpp>

#include "primary/endpoint.hpp"

/// The replicas that a primary knows.
namespace tidemark {

/// All of them, the one seen last first. `own` is the id of the replica that asks.
std::vector<Device> read_devices(SqlEndpoint& endpoint, const std::string& own);

/// Throws Error{usage} where `wanted` is neither the id, the beginning of one id, nor the name of
/// exactly one of them.
const Device& device_named(const std::vector<Device>& devices, const std::string& wanted);

void rename_device(SqlEndpoint& endpoint, const std::string& id, const std::string& name);
/// It is remembered no longer, so nothing is kept for its sake. Should it come back, it compares
/// everything and goes on under another id.
void forget_device(SqlEndpoint& endpoint, const std::string& id);

}  // namespace tidemark
