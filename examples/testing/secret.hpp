#pragma once

#include <string>
#include <vector>

#include "testing/device.hpp"

namespace examples {

/// A token, and where it may be seen: in no file, log, output or core file but those that are
/// named.
class Secret {
public:
    explicit Secret(const std::string& token);

    /// Expects it in nothing that the device printed, and in no file of its home but `allowed`.
    void expect_hidden(const Device& device, const std::vector<std::string>& allowed = {}) const;
    /// Expects it in no file below `folder` but `allowed`.
    void expect_hidden(const std::string& folder,
                       const std::vector<std::string>& allowed = {}) const;

    /// Crashes the application while it runs this command, half a second after its start, when it
    /// has to have the token in its hands, and expects nothing more than before. Where this machine
    /// writes no core files into the working folder, which another program's crash shows, the test
    /// is skipped.
    void expect_hidden_after_a_crash(const Device& device, const std::vector<std::string>& command,
                                     const std::string& input = {},
                                     const std::vector<std::string>& allowed = {}) const;

private:
    std::string token_;
    std::string secret_;  ///< its signature: no other token has that
};

}  // namespace examples
