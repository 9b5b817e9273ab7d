#include "testing/secret.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

namespace examples {
namespace {

/// Runs these words, lets them crash after half a second, and writes a core file if it may.
tidemark::Ran crash(const std::vector<std::string>& words, const std::string& input,
                    const std::string& folder) {
    const tidemark::TempFolder elsewhere;
    std::ofstream(elsewhere / "input") << input;
    std::string line = "ulimit -c unlimited; ";
    for (const std::string& word : words) line += "'" + word + "' ";
    line += "< '" + (elsewhere / "input") + "' & sleep 0.5; kill -ABRT $!; wait $!";
    return tidemark::run_program({"sh", "-c", line}, folder);
}

}  // namespace

Secret::Secret(const std::string& token)
    : token_(token), secret_(token.substr(token.rfind('.') + 1)) {}

void Secret::expect_hidden(const Device& device, const std::vector<std::string>& allowed) const {
    EXPECT_EQ(device.said().find(secret_), std::string::npos) << device.said();
    expect_hidden(device.home(), allowed);
}

void Secret::expect_hidden(const std::string& folder,
                           const std::vector<std::string>& allowed) const {
    EXPECT_EQ(files_with(folder, secret_), allowed);
}

void Secret::expect_hidden_after_a_crash(const Device& device,
                                         const std::vector<std::string>& command,
                                         const std::string& input,
                                         const std::vector<std::string>& allowed) const {
    const auto ran = crash(device.words(command), input, device.home());
    EXPECT_EQ(ran.exit_code, 128 + SIGABRT) << "it was through already: " << ran.out << ran.err;
    EXPECT_EQ((ran.out + ran.err).find(secret_), std::string::npos) << ran.out << ran.err;
    expect_hidden(device.home(), allowed);

    const tidemark::TempFolder other;
    crash({"env", "TOKEN=" + token_, "sleep", "5"}, {}, other.path().string());
    if (files_with(other.path().string(), secret_).empty()) {
        GTEST_SKIP() << "this machine writes no core files into the working folder";
    }
}

}  // namespace examples
