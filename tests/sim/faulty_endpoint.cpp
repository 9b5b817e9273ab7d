#include "sim/faulty_endpoint.hpp"

namespace tidemark::sim {

std::unique_ptr<FileEndpoint> EndpointPool::take() {
    if (start_ != machine_.starts()) idle_.clear();
    start_ = machine_.starts();
    if (idle_.empty()) return std::make_unique<FileEndpoint>(path_, false, machine_.vfs());
    std::unique_ptr<FileEndpoint> endpoint = std::move(idle_.back());
    idle_.pop_back();
    return endpoint;
}

void EndpointPool::give_back(std::unique_ptr<FileEndpoint> endpoint, int start) {
    if (start == start_ && start == machine_.starts() && !endpoint->connection().in_transaction()) {
        idle_.push_back(std::move(endpoint));
    }
}

void FaultyEndpoint::connect(Line line) {
    line_ = std::move(line);
    start_ = pool_.machine().starts();
    file_ = pool_.take();
}

void FaultyEndpoint::disconnect() {
    if (file_) pool_.give_back(std::move(file_), start_);
}

Answer FaultyEndpoint::run(const std::vector<Step>& steps) {
    if (line_.meanwhile) line_.meanwhile();
    pool_.machine().clock().advance(rng_.below(3));
    require_alive();
    Answer answer = deliver(steps);
    require_alive();
    if (line_.meanwhile) line_.meanwhile();
    traffic_ = file_->traffic();
    return answer;
}

Answer FaultyEndpoint::deliver(const std::vector<Step>& steps) {
    if (!rng_.chance(line_.percent)) return file_->run(steps);
    const bool whole = !file_->connection().in_transaction() && steps.size() > 1 &&
                       steps.front().sql.starts_with("BEGIN") && steps.back().sql == "COMMIT";
    switch (rng_.below(whole ? 6 : 3)) {
        case 0: lose("the request was lost");
        case 1:
        case 2:
        case 3: file_->run(steps); lose("the answer was lost");
        case 4: {
            const std::int64_t end = 1 + rng_.below(static_cast<std::int64_t>(steps.size()) - 1);
            file_->run({steps.begin(), steps.begin() + end});
            lose("the request was cut off");
        }
        default: file_->run(steps); return file_->run(steps);  // it arrived twice
    }
}

/// A server rolls back what a caller that is gone has left open.
void FaultyEndpoint::lose(const char* what) {
    require_alive();
    if (file_->connection().in_transaction()) file_->run({{"ROLLBACK"}});
    pool_.machine().clock().advance(rng_.below(2'000));
    throw Error(ErrorCode::unreachable, what);
}

void FaultyEndpoint::require_alive() {
    if (start_ != pool_.machine().starts())
        throw Error(ErrorCode::unreachable, "the primary's machine went down");
}

void FaultyEndpoint::quiet(const std::vector<std::string>& tables) {
    require_alive();
    file_->quiet(tables);
}

}  // namespace tidemark::sim
