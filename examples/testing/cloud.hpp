#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "testing/device.hpp"
#include "testing/server.hpp"

namespace examples {

/// The primary that devices meet at: a file, or a database behind a `tidemark serve`.
class Cloud {
public:
    enum class Kind { file, server };

    /// All of it lies in `folder`.
    Cloud(Kind kind, const std::string& folder);

    const std::string& url() const { return url_; }
    /// Empty for a file, which asks for none.
    std::string token() const { return server_ ? server_->token() : std::string(); }
    /// The database itself, for a look from outside.
    std::string database() const { return database_; }

    /// Nobody reaches it, until come_back().
    void go_away();
    void come_back();

    static std::string name(const testing::TestParamInfo<Kind>& kind) {
        return kind.param == Kind::file ? "AFile" : "AServer";
    }

private:
    std::string folder_;
    std::string database_;
    std::string url_;
    std::unique_ptr<Server> server_;
};

}  // namespace examples
