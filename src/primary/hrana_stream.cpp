#include "primary/hrana_stream.hpp"

#include <algorithm>

#include <tidemark/batch.hpp>
#include <tidemark/error.hpp>
#include <tidemark/network.hpp>

#include "auth/masking.hpp"
#include "base/tuning.hpp"
#include "hrana/json.hpp"
#include "net/failure.hpp"

namespace tidemark {
namespace {

/// What the server says in an HTTP error; empty where it is no message of a database server.
std::string said_in(const net::HttpResponse& response) {
    if (response.body.find_first_not_of(" \r\n\t") != response.body.find('{')) return {};
    return hrana::json::read_error(response.body).message;
}

/// What servers say to a baton that they no longer know.
bool is_expired(const net::HttpResponse& response) {
    return response.status == 400 || response.status == 404;
}

bool is_large(const std::string& body) { return body.size() >= tuning::large_message_bytes; }

bool succeeded(const net::HttpResponse& response) {
    return response.status >= 200 && response.status < 300;
}

}  // namespace

HranaStream::HranaStream(net::Url url, std::string token, const Connected& connected)
    : url_(std::move(url)),
      shown_(auth::masked(url_.text())),
      token_(std::move(token)),
      clock_(connected.clock),
      transport_(connected.transport),
      client_(connected.transport, connected.clock, connected.rng),
      forms_(connected.forms),
      form_(forms_.of(url_.http({}))) {}

net::HttpRequest HranaStream::request(const std::string& resource) const {
    net::HttpRequest request;
    request.url = base_url_.empty() ? url_.http(resource) : base_url_ + resource;
    request.headers = {{"User-Agent", std::string("tidemark/") + TIDEMARK_VERSION},
                       {"Tidemark-Role", "replica"}};
    if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
    const NetworkOptions options = network_options();
    request.timeouts = {options.connect_timeout_ms, options.silence_timeout_ms,
                        options.request_timeout_ms};
    request.retries = options.retries;
    request.patience_ms = options.patience_ms;
    request.max_response_bytes = tuning::max_response_bytes;
    return request;
}

void HranaStream::notice(const net::HttpResponse& response) {
    if (!response.header("tidemark-server").empty()) kind_ = Kind::tidemark;
    form_.learn(response);
}

void HranaStream::ask_form() {
    if (!form_.is_open()) return;
    net::HttpRequest request = this->request(HranaForm::greeting);
    request.method = "GET";
    const net::HttpResponse response = client_.send(request, shown_, true);
    notice(response);
    form_.learn_from_greeting(response);
}

net::HttpRequest HranaStream::message(const hrana::PipelineReq& pipeline, const Headers& headers) {
    if (large_answers_) ask_form();
    std::string body = form_.write(pipeline);
    if (form_.is_open() && is_large(body)) {
        ask_form();
        if (form_.is_protobuf()) body = form_.write(pipeline);
    }
    net::HttpRequest request = this->request(form_.resource());
    request.headers.emplace_back("Content-Type", form_.type());
    request.headers.insert(request.headers.end(), headers.begin(), headers.end());
    const std::int64_t beyond_a_page =
        std::max<std::int64_t>(0, static_cast<std::int64_t>(body.size()) - BatchSize().bytes);
    const std::int64_t work_ms = beyond_a_page * 1'000 / tuning::slowest_bytes_per_s;
    request.timeouts.silence_ms += work_ms;
    request.timeouts.total_ms += work_ms;
    const std::string_view coding = form_.pack(body);
    if (!coding.empty()) request.headers.emplace_back("Content-Encoding", coding);
    request.body = std::move(body);
    return request;
}

// What the server refuses for its form it has not begun, so it goes a second time. Where it may as
// well be the baton that it does not know, that is left out first.
net::HttpResponse HranaStream::post(const hrana::PipelineReq& pipeline, const Headers& headers,
                                    bool continues, bool repeatable) {
    net::HttpResponse response = client_.send(message(pipeline, headers), shown_, repeatable);
    const bool perhaps_baton = pipeline.baton && !continues && is_expired(response);
    if (HranaForm::is_refused(response) && !form_.is_plain() && !perhaps_baton) {
        form_.be_plain();
        response = client_.send(message(pipeline, headers), shown_, repeatable);
    }
    return response;
}

void HranaStream::fail(const net::HttpResponse& response) const {
    throw net::error_of(response, shown_, said_in(response));
}

hrana::PipelineResp HranaStream::read(const net::HttpResponse& response) const {
    try {
        return form_.read(response.body);
    } catch (const hrana::Malformed&) {
        fail(response);
    }
}

HranaStream::Outcome HranaStream::run(const hrana::Batch& batch, const Headers& headers,
                                      bool continues, bool repeatable) {
    const bool fresh =
        clock_.steady_ms() - baton_at_ms_ < tuning::stream_idle_ms && baton_.has_value();
    if (!continues && !fresh) {
        baton_.reset();
        base_url_.clear();
    }
    hrana::PipelineReq pipeline_request{baton_, {hrana::BatchReq{batch}}};
    const auto send = [&] { return post(pipeline_request, headers, continues, repeatable); };
    net::HttpResponse response = send();
    const bool expired = is_expired(response);
    if (expired && pipeline_request.baton && continues) {
        baton_.reset();
        throw Error(ErrorCode::unreachable,
                    "the primary " + shown_ +
                        " has lost the transaction that was under way (HTTP " +
                        std::to_string(response.status) + ")",
                    "Try again in a moment; it has kept nothing of it. Everything pending is kept "
                    "and goes with the next sync.");
    }
    if (expired && pipeline_request.baton) {
        // The server has forgotten the stream; there was nothing in it.
        base_url_.clear();
        pipeline_request.baton.reset();
        response = send();
    }
    baton_.reset();
    if (!succeeded(response)) fail(response);
    hrana::PipelineResp answer = read(response);
    notice(response);
    forms_.keep(url_.http({}), form_);
    large_answers_ = large_answers_ || is_large(response.body);
    baton_ = std::move(answer.baton);
    baton_at_ms_ = clock_.steady_ms();
    if (answer.base_url) base_url_ = *answer.base_url;
    if (answer.results.size() != 1) fail(response);
    hrana::StreamResult& result = answer.results[0];
    if (auto* error = std::get_if<hrana::ProtocolError>(&result)) return std::move(*error);
    auto* ran = std::get_if<hrana::BatchResp>(&std::get<hrana::StreamResponse>(result));
    if (!ran || std::max(ran->result.step_results.size(), ran->result.step_errors.size()) >
                    batch.steps.size()) {
        fail(response);
    }
    // In protobuf, steps that were skipped at the end are not there.
    ran->result.step_results.resize(batch.steps.size());
    ran->result.step_errors.resize(batch.steps.size());
    return std::move(ran->result);
}

HranaStream::Kind HranaStream::kind() {
    if (kind_) return *kind_;
    // Only a server with streams of their own has the third version of the protocol.
    net::HttpRequest request = this->request("/v3/pipeline");
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = R"({"baton":null,"requests":[{"type":"get_autocommit"},{"type":"close"}]})";
    const net::HttpResponse response = client_.send(request, shown_, true);
    notice(response);
    if (kind_) return *kind_;
    if (succeeded(response) && !net::is_page(response)) return *(kind_ = Kind::isolating);
    if (response.status == 404 || response.status == 405) {
        form_.be_plain();
        return *(kind_ = Kind::sharing);
    }
    fail(response);
}

bool HranaStream::carries_infinity() {
    ask_form();
    return form_.is_protobuf() || kind() == Kind::tidemark;
}

net::HttpResponse HranaStream::get(const std::string& resource, std::int64_t timeout_ms,
                                   const std::atomic<bool>& cancelled) {
    net::HttpRequest request = this->request(resource);
    request.method = "GET";
    request.timeouts.silence_ms += timeout_ms;
    request.timeouts.total_ms += timeout_ms;
    request.cancelled = &cancelled;
    net::HttpResponse response = client_.send(request, shown_, true);
    notice(response);
    return response;
}

}  // namespace tidemark
