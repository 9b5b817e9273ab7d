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

/// The other blocks of a page, by what stands behind their ``` ("cpp", "cpp notes.cpp").
std::vector<std::pair<std::string, std::string>> blocks_in(const std::string& page) {
    std::ifstream file(std::string(TIDEMARK_SOURCE) + "/docs/" + page);
    std::vector<std::pair<std::string, std::string>> blocks;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("```")) {
            inside = !inside;
            if (inside) blocks.emplace_back(line.substr(3), "");
        } else if (inside) {
            blocks.back().second += line + "\n";
        }
    }
    return blocks;
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

/// Runs the examples of a page as they stand there, with the programs in these folders on PATH.
void expect_true(const std::string& page, const std::string& programs) {
    std::unique_ptr<TempFolder> folder;
    const std::vector<Example> examples = examples_in(page);
    EXPECT_GT(examples.size(), 3u);
    for (const Example& example : examples) {
        if (example.fresh) folder = std::make_unique<TempFolder>();
        const Ran ran =
            run_program({"bash", "-c",
                         "export PATH='" + programs + "':\"$PATH\"; exec 2>&1; " + example.command},
                        folder->path().string());
        std::this_thread::sleep_for(std::chrono::milliseconds(3));  // what follows is later
        EXPECT_EQ(comparable(ran.out, folder->path().string()), comparable(example.prints, home))
            << "docs/" << page << ":" << example.line << ": " << example.command;
    }
}

/// What a program needs that links a library which was built like this test.
#if defined(__SANITIZE_ADDRESS__)
constexpr const char* sanitizers = "-fsanitize=address,undefined";
#elif defined(__SANITIZE_THREAD__)
constexpr const char* sanitizers = "-fsanitize=thread";
#else
constexpr const char* sanitizers = "";
#endif

std::filesystem::path commands() { return std::filesystem::path(TIDEMARK_COMMAND).parent_path(); }

class Pages : public testing::TestWithParam<const char*> {};

TEST_P(Pages, PrintWhatTheySay) { expect_true(GetParam(), commands().string()); }

INSTANTIATE_TEST_SUITE_P(OfTheDocs, Pages, testing::Values("merging.md", "format.md"),
                         [](const testing::TestParamInfo<const char*>& one) {
                             const std::string page = one.param;
                             return page.substr(0, page.find('.'));
                         });

/// The page on the library: its program is built as the page says, and its snippets compile.
class LibraryPage : public testing::Test {
protected:
    LibraryPage() {
        for (const auto& [kind, text] : blocks_in("library.md")) {
            if (const std::size_t space = kind.find(' '); space != std::string::npos) {
                write(kind.substr(space + 1), text);
            } else if (kind == "cpp") {
                snippets += "void snippet" + std::to_string(count++) +
                            "(const std::string& path, tidemark::Replica& replica) {{\n" + text +
                            "}}\n";
            }
        }
    }
    void write(const std::string& file, const std::string& text) const {
        std::ofstream(folder.path() / file) << text;
    }
    void expect_runs(const std::string& command) const {
        const Ran ran = run_program({"bash", "-c", command}, folder.path().string());
        EXPECT_EQ(ran.exit_code, 0) << command << "\n" << ran.out << ran.err;
    }

    TempFolder folder;
    std::string snippets;
    int count = 0;
    std::string build = commands().parent_path().string();
};

TEST_F(LibraryPage, ItsProgramIsBuiltFromAnInstalledLibraryAndDoesWhatThePageShows) {
    expect_runs("cmake --install '" + build + "' --prefix tidemark");
    expect_runs("cmake -B build -DCMAKE_PREFIX_PATH=\"$PWD/tidemark\" -DCMAKE_CXX_FLAGS='" +
                std::string(sanitizers) + "'");
    expect_runs("cmake --build build");
    expect_true("library.md", folder / "build");
}

/// The whole library once more would take minutes: the program alone is compiled.
TEST_F(LibraryPage, ItsProgramCompilesBesideASourceTree) {
    std::ifstream file(folder.path() / "CMakeLists.txt");
    std::string lists{std::istreambuf_iterator<char>(file), {}};
    const std::string from = "find_package(Tidemark 0.1 REQUIRED)";
    ASSERT_NE(lists.find(from), std::string::npos);
    for (const auto& [kind, text] : blocks_in("library.md")) {
        if (kind == "cmake") lists.replace(lists.find(from), from.size(), text);
    }
    write("CMakeLists.txt", lists);
    std::filesystem::create_directory_symlink(TIDEMARK_SOURCE, folder.path() / "tidemark");
    expect_runs("cmake -G Ninja -B build");
    expect_runs("cmake --build build --target CMakeFiles/notes.dir/notes.cpp.o");
}

TEST_F(LibraryPage, EverySnippetCompiles) {
    EXPECT_GT(count, 6);
    write("snippets.cpp",
          "#include <iostream>\n#include <tidemark/tidemark.hpp>\n"
          "std::string ask_keyring(const std::string& url);\n" +
              snippets);
    expect_runs("c++ -std=c++20 -fsyntax-only -I '" TIDEMARK_SOURCE "/include' snippets.cpp");
}

}  // namespace
}  // namespace tidemark
