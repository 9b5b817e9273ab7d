#include <fmt/format.h>

#include <cstdio>

#include <boost/json/serialize.hpp>

#include "memorygraph/backend_factory.hpp"
#include "memorygraph/commands.hpp"

namespace memorygraph {

Session::Session() : config_(Config::from_environment()) {
    log_ = [this](Level level, const std::string& text) {
        if (level == Level::info && !verbose) return;
        fmt::print(stderr, "memorygraph: {}{}\n", level == Level::warning ? "warning: " : "", text);
    };
}

GraphBackend& Session::backend() {
    if (!backend_) backend_ = BackendFactory::create_backend(config_, log_);
    return *backend_;
}

Memories& Session::memories() {
    if (!memories_) memories_.emplace(backend());
    return *memories_;
}

void Session::close() {
    if (backend_) backend_->disconnect();
}

void Session::give(const boost::json::object& result, const std::string& text) const {
    fmt::print("{}", json ? boost::json::serialize(result) + "\n" : text);
}

}  // namespace memorygraph
