#include "primary/hrana_form.hpp"

#include "base/tuning.hpp"
#include "hrana/json.hpp"
#include "hrana/protobuf.hpp"
#include "net/content_coding.hpp"
#include "net/failure.hpp"

namespace tidemark {
namespace {

constexpr std::string_view zstd = "zstd";

}  // namespace

std::string HranaForm::write(const hrana::PipelineReq& request) const {
    std::string body;
    if (is_protobuf()) {
        hrana::protobuf::write(body, request);
    } else {
        hrana::json::write(body, request);
    }
    return body;
}

hrana::PipelineResp HranaForm::read(std::string_view body) const {
    return is_protobuf() ? hrana::protobuf::read_pipeline_resp(body)
                         : hrana::json::read_pipeline_resp(body);
}

std::string_view HranaForm::pack(std::string& body) const {
    if (!zstd_.value_or(false) || body.size() < tuning::packed_from_bytes) return {};
    std::string packed = net::zstd_of(body);
    if (packed.empty() || packed.size() >= body.size()) return {};
    packed.shrink_to_fit();
    body = std::move(packed);
    return zstd;
}

// Each version of `tidemark serve` takes protobuf.
void HranaForm::learn(const net::HttpResponse& response) {
    if (!protobuf_ && !response.header("tidemark-server").empty()) protobuf_ = true;
    if (!zstd_ && net::accepts_coding(response.header("accept-encoding"), zstd)) zstd_ = true;
}

void HranaForm::learn_from_greeting(const net::HttpResponse& response) {
    learn(response);
    const bool greets = response.status >= 200 && response.status < 300 && !net::is_page(response);
    if (!protobuf_) protobuf_ = greets;
}

bool HranaForm::is_refused(const net::HttpResponse& response) {
    switch (response.status) {
        case 400:
        case 404:
        case 405:
        case 406:
        case 415:
        case 501: return true;
        default: return false;
    }
}

void HranaForm::be_plain() { protobuf_ = zstd_ = false; }

HranaForm KnownForms::of(const std::string& url) const {
    const std::lock_guard lock(mutex_);
    const auto known = forms_.find(url);
    return known == forms_.end() ? HranaForm() : known->second;
}

void KnownForms::keep(const std::string& url, const HranaForm& form) {
    const std::lock_guard lock(mutex_);
    forms_[url] = form;
}

}  // namespace tidemark
