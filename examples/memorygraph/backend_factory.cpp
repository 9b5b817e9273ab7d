#include "memorygraph/backend_factory.hpp"

#include "memorygraph/sqlite_backend.hpp"
#include "memorygraph/turso_backend.hpp"

namespace memorygraph {

std::unique_ptr<GraphBackend> BackendFactory::create_backend(const Config& config, const Log& log) {
    if (!is_backend_configured(config.backend)) {
        throw tidemark::Error(tidemark::ErrorCode::usage,
                              "there is no backend '" + config.backend + "'",
                              "Set MEMORY_BACKEND to turso or sqlite.");
    }
    std::unique_ptr<GraphBackend> backend;
    if (config.backend == "turso") {
        log(Level::info, "Explicit backend selection: Turso");
        backend = std::make_unique<TursoBackend>(TursoOptions::of(config), log);
    } else {
        backend = std::make_unique<SqliteBackend>(config.sqlite_path, log);
    }
    backend->connect();
    backend->initialize_schema();
    return backend;
}

bool BackendFactory::is_backend_configured(const std::string& backend) {
    return backend == "sqlite" || (backend == "turso" && Config::is_turso_configured());
}

}  // namespace memorygraph
