// The examples of the pages in docs/ are run as they stand there, so that none of them can lie.

#include <filesystem>
#include <fstream>
#include <regex>
#include <thread>

#include "support/story.hpp"

namespace tidemark {
namespace {

/// One command of a page, and what the page says that it prints.
struct Example {
    int line = 0;
    std::string command;
    std::string prints;
    bool fresh = false;  ///< the first one of its section, which starts in an empty folder
};

/// Blocks marked `console`: "$ " starts a command, "> " goes on with it, the rest is printed.
std::vector<Example> examples_in(const std::string& page) {
    std::ifstream file(std::string(TIDEMARK_SOURCE) + "/docs/" + page);
    EXPECT_TRUE(file) << page;
    std::vector<Example> examples;
    bool inside = false, fresh = true;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (!inside && line.starts_with("## ")) fresh = true;
        if (!inside && line == "```console") {
            inside = true;
        } else if (inside && line == "```") {
            inside = false;
        } else if (inside && line.starts_with("$ ")) {
            examples.push_back({number, line.substr(2), {}, fresh});
            fresh = false;
        } else if (inside && line.starts_with("> ") && examples.back().prints.empty()) {
            examples.back().command += "\n" + line.substr(2);
        } else if (inside) {
            examples.back().prints += line + "\n";
        }
    }
    EXPECT_FALSE(inside) << page << " ends inside a block";
    return examples;
}

/// What a page calls the folder that its examples run in.
constexpr const char* home = "/home/me";

/// Times, identities, versions of a schema and the folder differ from run to run; a page has no
/// spaces at the end of lines.
std::string comparable(std::string text, const std::string& folder) {
    static const std::regex identity("[0-9a-f]{32}"), time_ms("\\b1[5-9][0-9]{11}\\b"),
        version("\\bschema = [0-9]+"), spaces_at_end(" +\n");
    text = std::regex_replace(text, spaces_at_end, "\n");
    text = std::regex_replace(text, version, "schema = VERSION");
    for (std::size_t at = 0; (at = text.find(folder, at)) != std::string::npos;) {
        text.replace(at, folder.size(), home);
        at += std::string_view(home).size();
    }
    return std::regex_replace(std::regex_replace(text, identity, "IDENTITY"), time_ms, "TIME");
}

class Pages : public testing::TestWithParam<const char*> {};

TEST_P(Pages, PrintWhatTheySay) {
    const std::string commands = std::filesystem::path(TIDEMARK_COMMAND).parent_path().string();
    std::unique_ptr<TempFolder> folder;
    const std::vector<Example> examples = examples_in(GetParam());
    EXPECT_GT(examples.size(), 3u);
    for (const Example& example : examples) {
        if (example.fresh) folder = std::make_unique<TempFolder>();
        const Ran ran =
            run_program({"bash", "-c",
                         "export PATH='" + commands + "':\"$PATH\"; exec 2>&1; " + example.command},
                        folder->path().string());
        std::this_thread::sleep_for(std::chrono::milliseconds(3));  // what follows is later
        EXPECT_EQ(comparable(ran.out, folder->path().string()), comparable(example.prints, home))
            << "docs/" << GetParam() << ":" << example.line << ": " << example.command;
    }
}

INSTANTIATE_TEST_SUITE_P(OfTheDocs, Pages, testing::Values("merging.md", "format.md"),
                         [](const testing::TestParamInfo<const char*>& one) {
                             const std::string page = one.param;
                             return page.substr(0, page.find('.'));
                         });

}  // namespace
}  // namespace tidemark
