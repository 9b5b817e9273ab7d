// The examples of the pages in docs/ are run as they stand there, so that none of them can lie.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/settings.hpp"
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

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
        text.replace(at, what.size(), by);
    }
    return text;
}

/// The ports that a page's servers listen at, and others that are free here.
class Ports {
public:
    Ports() {
        for (auto& [page, here] : ports_) here = free_port();
    }
    std::string from_page(std::string text) const {
        for (const auto& [page, here] : ports_) text = replaced(text, page, here);
        return text;
    }
    std::string to_page(std::string text) const {
        for (const auto& [page, here] : ports_) text = replaced(text, here, page);
        return text;
    }

private:
    static std::string free_port() {
        boost::asio::io_context loop;
        using boost::asio::ip::tcp;
        const tcp::acceptor probe(loop, {boost::asio::ip::address_v4::loopback(), 0});
        return std::to_string(probe.local_endpoint().port());
    }
    std::vector<std::pair<std::string, std::string>> ports_{{"8080", ""}, {"8081", ""}};
};

/// Times, identities, versions of a schema and the folder differ from run to run; a page has no
/// spaces at the end of lines.
std::string comparable(std::string text, const std::string& folder) {
    static const std::regex identity("[0-9a-f]{32}"), time_ms("\\b1[5-9][0-9]{11}\\b"),
        version("\\bschema = [0-9]+"), spaces_at_end(" +\n");
    text = std::regex_replace(text, version, "schema = VERSION");
    text = replaced(std::regex_replace(text, spaces_at_end, "\n"), folder, home);
    return std::regex_replace(std::regex_replace(text, identity, "IDENTITY"), time_ms, "TIME");
}

/// What each of the examples prints, run one after the other in one shell, as a person would. What
/// they leave running ends with it.
std::vector<std::string> run_section(const std::vector<Example>& examples,
                                     const std::string& folder, const std::string& programs) {
    const std::string mark = "<<end of an example>>\n";
    const Ports ports;
    std::string script = "export PATH='" + programs + "':\"$PATH\" " +
                         ports.from_page("TIDEMARK_SERVE_LISTEN=127.0.0.1:8080") +
                         "\nexec 2>&1\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n";
    for (const Example& example : examples) {
        // What follows is later.
        script += ports.from_page(example.command) + "\nsleep 0.003; printf '" +
                  mark.substr(0, mark.size() - 1) + "\\n'\n";
    }
    std::string out = ports.to_page(run_program({"bash", "-c", script}, folder).out);
    std::vector<std::string> printed;
    for (std::size_t end = 0; (end = out.find(mark)) != std::string::npos;) {
        printed.push_back(out.substr(0, end));
        out.erase(0, end + mark.size());
    }
    printed.resize(examples.size());
    return printed;
}

/// Runs the examples of a page as they stand there, with the programs in this folder on PATH.
void expect_true(const std::string& page, const std::string& programs) {
    const std::vector<Example> examples = examples_in(page);
    EXPECT_GT(examples.size(), 3u);
    for (auto first = examples.begin(); first != examples.end();) {
        const auto end = std::find_if(first + 1, examples.end(),
                                      [](const Example& example) { return example.fresh; });
        const std::vector<Example> section(first, end);
        first = end;
        const TempFolder folder;
        const auto printed = run_section(section, folder.path().string(), programs);
        for (std::size_t i = 0; i < section.size(); ++i) {
            EXPECT_EQ(comparable(printed[i], folder.path().string()),
                      comparable(section[i].prints, home))
                << "docs/" << page << ":" << section[i].line << ": " << section[i].command;
        }
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

INSTANTIATE_TEST_SUITE_P(OfTheDocs, Pages,
                         testing::Values("merging.md", "format.md", "serve.md", "quickstart.md"),
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

std::string content_of(const std::string& file) {
    std::ifstream in(std::string(TIDEMARK_SOURCE) + "/" + file);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ServePage, NamesEverySettingAndSoDoesTheFileThatIsInstalled) {
    const std::string page = content_of("docs/serve.md");
    const TempFolder folder;
    const std::string all = folder / "serve.toml";
    // Every line that only a # keeps from being a setting.
    std::ofstream(all) << std::regex_replace(content_of("packaging/serve.toml"),
                                             std::regex("(^|\n)#([a-z])"), "$1$2");
    const auto values = server::read_config(all);
    for (const server::Setting& setting : server::all_settings()) {
        EXPECT_NE(page.find("`" + std::string(setting.name) + "`"), std::string::npos)
            << setting.name;
        EXPECT_TRUE(values.contains(setting.name)) << setting.name;
        const std::string meaning = setting.meaning;
        if (!meaning.ends_with(']') || !values.contains(setting.name)) continue;
        const std::string standard = meaning.substr(meaning.rfind('[') + 1);
        EXPECT_EQ(values.at(setting.name) + "]", standard) << setting.name;
    }
    EXPECT_NO_THROW(server::options_of(
        {}, server::read_config(std::string(TIDEMARK_SOURCE) + "/packaging/serve.toml")));
}

TEST(ServePage, TheUnitThatIsInstalledIsGood) {
    const TempFolder folder;
    std::ofstream(folder / "tidemark-serve.service") << replaced(
        content_of("packaging/tidemark-serve.service.in"), "@program@", TIDEMARK_COMMAND);
    const Ran ran =
        run_program({"systemd-analyze", "verify", "--man=no", "./tidemark-serve.service"},
                    folder.path().string());
    if (ran.exit_code == 127) GTEST_SKIP() << "there is no systemd-analyze";
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_EQ(ran.out + ran.err, "");
}

}  // namespace
}  // namespace tidemark
