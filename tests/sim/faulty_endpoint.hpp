#pragma once

#include "primary/endpoint.hpp"
#include "sim/virtual_clock.hpp"

namespace tidemark::sim {

/// A primary behind a bad line: requests get lost on the way there, and answers on the way back.
class FaultyEndpoint final : public SqlEndpoint {
public:
    /// `percent` of the requests meet a fault.
    FaultyEndpoint(SqlEndpoint& real, SeededRng& rng, int percent)
        : real_(real), rng_(rng), percent_(percent) {}

    Answer run(const std::vector<Step>& steps) override {
        const bool fault = rng_.chance(percent_);
        const bool after = rng_.chance(70);
        if (fault && !after) lose("the request was lost");
        Answer answer = real_.run(steps);
        if (fault) lose("the answer was lost");
        traffic_ = real_.traffic();
        return answer;
    }
    void quiet(const std::vector<std::string>& tables) override { real_.quiet(tables); }
    std::string name() const override { return real_.name(); }

private:
    [[noreturn]] static void lose(const char* what) { throw Error(ErrorCode::unreachable, what); }

    SqlEndpoint& real_;
    SeededRng& rng_;
    int percent_;
};

}  // namespace tidemark::sim
