#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capture/quiet.hpp"
#include "primary/endpoint.hpp"
#include "sqlite/connection.hpp"

namespace tidemark {

/// A primary that is a SQLite file on this machine.
class FileEndpoint final : public SqlEndpoint {
public:
    /// Throws Error{unreachable} where there is no file at `path` and `create` is false.
    FileEndpoint(const std::string& path, bool create, const std::string& vfs = {});

    Answer run(const std::vector<Step>& steps) override;
    void quiet(const std::vector<std::string>& tables) override;
    std::string name() const override { return connection_.path(); }

    Connection& connection() { return connection_; }

private:
    Rows run_step(const Step& step);
    bool first_row(Statement& statement, const Row& arguments);

    Connection connection_;
    std::vector<std::string> quiet_tables_;
    std::optional<capture::Quiet> quiet_;  ///< for quiet_tables_, where there are any
};

}  // namespace tidemark
