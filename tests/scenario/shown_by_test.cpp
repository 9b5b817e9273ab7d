// The pages that say what is shown by which test: each test that they name has to exist.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "support/process.hpp"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

/// "Prefix/Suite.Test/parameter" as a page names it: "Suite.Test".
std::string plain(const std::string& suite, const std::string& test) {
    return suite.substr(suite.rfind('/') + 1) + "." + test.substr(0, test.find('/'));
}

std::set<std::string> tests_of_this_program() {
    std::set<std::string> names;
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
        const testing::TestSuite& suite = *all.GetTestSuite(i);
        for (int j = 0; j < suite.total_test_count(); ++j) {
            names.insert(plain(suite.name(), suite.GetTestInfo(j)->name()));
        }
    }
    return names;
}

std::set<std::string> tests_of(const fs::path& program) {
    std::set<std::string> names;
    const Ran ran = run_program({program.string(), "--gtest_list_tests"}, "/");
    EXPECT_EQ(ran.exit_code, 0) << program << ran.err;
    std::istringstream lines(ran.out);
    std::string suite;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("  ")) {
            names.insert(plain(suite, line.substr(2, line.find(' ', 2) - 2)));
        } else {
            suite = line.substr(0, line.find('.'));
        }
    }
    return names;
}

std::string content(const std::string& page) {
    std::ifstream file(std::string(TIDEMARK_SOURCE) + "/docs/" + page);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// "Suite.Test", "Suite.Beginning…" or "Suite.*".
bool exists(const std::string& named, const std::set<std::string>& tests) {
    std::string begins = named;
    bool whole = true;
    for (const std::string_view open : {"…", "*"}) {
        if (!begins.ends_with(open)) continue;
        begins.resize(begins.size() - open.size());
        whole = false;
    }
    if (whole) return tests.contains(named);
    const auto first = tests.lower_bound(begins);
    return first != tests.end() && first->starts_with(begins);
}

TEST(ShownBy, EveryTestThatAPageNamesExists) {
    std::set<std::string> tests = tests_of_this_program();
    std::string missing;
    for (const char* application : {"shark", "sow-admin", "jdo", "memorygraph"}) {
        const fs::path program =
            fs::path(TIDEMARK_COMMAND).parent_path() / (application + std::string("-tests"));
        if (fs::exists(program)) {
            tests.merge(tests_of(program));
        } else {
            missing += " " + program.string();
        }
    }
    static const std::regex name("`([A-Z][A-Za-z0-9]*\\.(?:\\*|[A-Z][A-Za-z0-9]*(?:…|\\*)?))`");
    std::set<std::string> unknown;
    for (const char* page : {"features.md", "loss-scenarios.md"}) {
        const std::string text = content(page);
        std::sregex_iterator named(text.begin(), text.end(), name);
        EXPECT_NE(named, std::sregex_iterator()) << page;
        for (; named != std::sregex_iterator(); ++named) {
            if (!exists((*named)[1], tests)) unknown.insert((*named)[1]);
        }
    }
    if (!missing.empty()) GTEST_SKIP() << "not built:" << missing;
    EXPECT_EQ(unknown, std::set<std::string>());
}

TEST(ShownBy, F10MoreThanAHundredWaysToLoseAnEditAreShownToBeNone) {
    const std::string text = content("loss-scenarios.md");
    static const std::regex row("\n\\| ([0-9]+) \\|[^\n]*`[A-Z][A-Za-z0-9]*\\.[A-Z][A-Za-z0-9]*`");
    int count = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), row), end; at != end; ++at) {
        EXPECT_EQ((*at)[1], std::to_string(++count)) << at->str();
    }
    EXPECT_GE(count, 100);
}

}  // namespace
}  // namespace tidemark
