#pragma once

#include <memory>
#include <string>

#include "memorygraph/config.hpp"
#include "memorygraph/graph_backend.hpp"
#include "memorygraph/log.hpp"

namespace memorygraph {

class BackendFactory {
public:
    /// The backend that the configuration names, connected and with its schema. Throws
    /// tidemark::Error{usage} for a name that nobody knows, DatabaseConnectionError, SchemaError.
    static std::unique_ptr<GraphBackend> create_backend(const Config& config, const Log& log);

    static bool is_backend_configured(const std::string& backend);
};

}  // namespace memorygraph
