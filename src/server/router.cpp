#include "server/router.hpp"

namespace tidemark::server {
namespace {

struct Place {
    std::string_view path;
    Method method;
    Endpoint endpoint;
    bool protobuf = false;
};

constexpr Place places[] = {
    {"/v2/pipeline", Method::post, Endpoint::pipeline},
    {"/v3/pipeline", Method::post, Endpoint::pipeline},
    {"/v3/cursor", Method::post, Endpoint::cursor},
    {"/v3-protobuf/pipeline", Method::post, Endpoint::pipeline, true},
    {"/v3-protobuf/cursor", Method::post, Endpoint::cursor, true},
    {"/tidemark/wait", Method::get, Endpoint::wait},
    {"/health", Method::get, Endpoint::health},
    {"/version", Method::get, Endpoint::version},
    {"/metrics", Method::get, Endpoint::metrics},
    {"/dump", Method::get, Endpoint::dump},
    {"/v1/execute", Method::post, Endpoint::execute},
    {"/v1/batch", Method::post, Endpoint::batch},
    {"/", Method::post, Endpoint::statements},
    {"/", Method::get, Endpoint::greeting},
    {"/v1", Method::get, Endpoint::greeting},
    {"/v2", Method::get, Endpoint::greeting},
    {"/v3", Method::get, Endpoint::greeting},
    {"/v3-protobuf", Method::get, Endpoint::greeting},
};

constexpr std::string_view by_path = "/dev/";

}  // namespace

Route route_of(const Request& request) {
    Route route;
    std::string_view path = request.path;
    if (path.starts_with(by_path)) {
        path.remove_prefix(by_path.size());
        route.database = path.substr(0, path.find('/'));
        path.remove_prefix(route.database.size());
        if (route.database.empty()) return route;
        if (path.empty()) path = "/";
    }
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (request.method == Method::options) {
        route.endpoint = Endpoint::options;
        return route;
    }
    const Method method = request.method == Method::head ? Method::get : request.method;
    for (const Place& place : places) {
        if (place.path != path) continue;
        route.endpoint = Endpoint::wrong_method;
        if (place.method != method) continue;
        route.endpoint = place.endpoint;
        route.protobuf = place.protobuf;
        return route;
    }
    return route;
}

}  // namespace tidemark::server
