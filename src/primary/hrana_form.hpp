#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "hrana/protocol.hpp"
#include "net/http.hpp"

namespace tidemark {

/// In what form requests go to a server: JSON until it is known that it takes protobuf, and packed
/// by zstd where it says that it unpacks that. A server that refuses a form is spoken to plainly
/// from then on.
class HranaForm {
public:
    /// Whether nobody knows yet if the server takes protobuf.
    bool is_open() const { return !protobuf_.has_value(); }
    bool is_protobuf() const { return protobuf_.value_or(false); }
    bool is_plain() const { return !is_protobuf() && !zstd_.value_or(false); }

    /// Where requests go, and what they and their answers are.
    const char* resource() const {
        return is_protobuf() ? "/v3-protobuf/pipeline" : "/v2/pipeline";
    }
    const char* type() const {
        return is_protobuf() ? "application/x-protobuf" : "application/json";
    }
    std::string write(const hrana::PipelineReq& request) const;
    /// Throws Malformed.
    hrana::PipelineResp read(std::string_view body) const;
    /// Packs `body` in place where that is worth it, and returns by what; else empty.
    std::string_view pack(std::string& body) const;

    /// What any answer of the server tells of it.
    void learn(const net::HttpResponse& response);
    /// What its answer to GET `greeting` tells.
    void learn_from_greeting(const net::HttpResponse& response);
    static constexpr const char* greeting = "/v3-protobuf";

    /// Whether the form may be why the server has done nothing.
    static bool is_refused(const net::HttpResponse& response);
    void be_plain();

private:
    std::optional<bool> protobuf_;
    std::optional<bool> zstd_;
};

/// In what form each server was last spoken to with success, by the URL of a database, so that the
/// next sync begins with that. Safe from any thread.
class KnownForms {
public:
    /// An open one where nothing is known.
    HranaForm of(const std::string& url) const;
    void keep(const std::string& url, const HranaForm& form);

private:
    mutable std::mutex mutex_;
    std::map<std::string, HranaForm> forms_;
};

}  // namespace tidemark
