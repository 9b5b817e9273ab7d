#include "testing/device.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace examples {

namespace fs = std::filesystem;

Device::Device(std::string home, std::map<std::string, std::string> variables)
    : environment(std::move(variables)), home_(std::move(home)) {
    fs::create_directories(home_);
    environment["HOME"] = home_;
}

std::vector<std::string> Device::words(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{"env", "-i", "PATH=/usr/bin:/bin"};
    for (const auto& [name, value] : environment) all.push_back(name + "=" + value);
    all.emplace_back(EXAMPLE_COMMAND);
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

Ran Device::run(const std::vector<std::string>& arguments, const std::string& input) const {
    Ran ran = tidemark::run_program(words(arguments), home_, input);
    said_ += ran.out + ran.err;
    return ran;
}

std::string Device::ok(const std::vector<std::string>& arguments, const std::string& input) const {
    const Ran ran = run(arguments, input);
    EXPECT_EQ(ran.exit_code, 0) << testing::PrintToString(arguments) << "\n" << ran.out << ran.err;
    return ran.out;
}

std::string Device::fails(int exit_code, const std::vector<std::string>& arguments,
                          const std::string& input) const {
    const Ran ran = run(arguments, input);
    EXPECT_EQ(ran.exit_code, exit_code) << testing::PrintToString(arguments) << "\n"
                                        << ran.out << ran.err;
    return ran.err;
}

boost::json::object Device::json(std::vector<std::string> arguments, int exit_code) const {
    arguments.emplace_back("--json");
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.exit_code, exit_code) << ran.out << ran.err;
    return boost::json::parse(ran.out).as_object();
}

std::vector<std::string> files_with(const std::string& folder, const std::string& text) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(file), {}};
        if (content.find(text) != std::string::npos) found.push_back(entry.path().string());
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::string some_token() {
    return "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ."
           "c2lnbmF0dXJlIHRoYXQgbXVzdCBuZXZlciBzaG93";
}

}  // namespace examples
