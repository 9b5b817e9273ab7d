// The MCP server: what it answers line by line, and a conversation with the official client.

#include "memorygraph/mcp.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <boost/json/parse.hpp>

#include "memorygraph/sqlite_backend.hpp"
#include "memorygraph/tests/heard.hpp"
#include "testing/device.hpp"

namespace memorygraph {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

class Mcp : public testing::Test {
protected:
    Mcp() {
        backend.connect();
        backend.initialize_schema();
    }
    json::object answer(const std::string& line) {
        return json::parse(server.answer(line)).as_object();
    }
    std::int64_t error_code(const std::string& line) {
        return answer(line).at("error").at("code").as_int64();
    }

    Heard heard;
    SqliteBackend backend{":memory:", heard.log()};
    Memories memories{backend};
    McpServer server{{backend, memories}};
};

TEST_F(Mcp, AClientGetsItsRevisionOfTheProtocolOrTheNewest) {
    const auto revision = [&](const std::string& asked) {
        const auto initialized = answer(R"({"jsonrpc": "2.0", "id": 1, "method": "initialize",
            "params": {"protocolVersion": ")" +
                                        asked + R"(", "capabilities": {}}})");
        return std::string(initialized.at("result").at("protocolVersion").as_string());
    };
    EXPECT_EQ(revision("2024-11-05"), "2024-11-05");
    EXPECT_EQ(revision("2025-06-18"), "2025-06-18");
    EXPECT_EQ(revision("1999-01-01"), "2025-11-25");
}

TEST_F(Mcp, NotificationsAndAnswersGetNoAnswer) {
    for (const char* line : {R"({"jsonrpc": "2.0", "method": "notifications/initialized"})",
                             R"({"jsonrpc": "2.0", "id": 3, "result": {}})",
                             R"([{"jsonrpc": "2.0", "method": "notifications/cancelled"}])"}) {
        EXPECT_EQ(server.answer(line), "") << line;
    }
}

TEST_F(Mcp, WhatIsNoRequestIsRefusedByItsKind) {
    EXPECT_EQ(error_code("{\"jsonrpc\": "), -32700);
    EXPECT_EQ(error_code("hello"), -32700);
    EXPECT_EQ(error_code("42"), -32600);
    EXPECT_EQ(error_code("[]"), -32600);
    EXPECT_EQ(error_code(R"({"jsonrpc": "2.0", "id": 1})"), -32600);
    EXPECT_EQ(error_code(R"({"jsonrpc": "2.0", "id": 1, "method": "resources/list"})"), -32601);
    EXPECT_EQ(error_code(R"({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {}})"),
              -32602);
    EXPECT_EQ(error_code(R"({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params":
                            {"name": "get_memory", "arguments": [1]}})"),
              -32602);
}

TEST_F(Mcp, ABatchIsAnsweredAsOne) {
    const auto answers = json::parse(server.answer(R"([{"jsonrpc": "2.0", "id": 1, "method":
        "ping"}, {"jsonrpc": "2.0", "method": "x"}, {"jsonrpc": "2.0", "id": "b", "method":
        "ping"}])"));
    ASSERT_EQ(answers.as_array().size(), 2U);
    EXPECT_EQ(answers.as_array()[1].at("id").as_string(), "b");
}

TEST_F(Mcp, EveryToolHasASchemaAndRefusesArgumentsOfTheWrongKind) {
    for (const Tool& tool : tools()) {
        const json::value schema = json::parse(tool.schema);
        json::object wrong;
        for (const auto& [name, property] : schema.at("properties").as_object()) {
            wrong[name] = property.at("type").as_string() == "string" ? json::value(1) : "x";
        }
        const bool takes_nothing = wrong.empty();
        if (takes_nothing) continue;
        Workshop workshop{backend, memories};
        EXPECT_THROW(tool.run(workshop, wrong), tidemark::Error) << tool.name;
    }
}

TEST_F(Mcp, WithoutAPrimarySyncSaysHowToGetOne) {
    const auto synced = answer(R"({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params":
                                  {"name": "sync"}})");
    const json::value& result = synced.at("result");
    EXPECT_TRUE(result.at("isError").as_bool());
    EXPECT_EQ(result.at("structuredContent").at("error").at("message").as_string(),
              "Turso sync is not configured");
}

TEST_F(Mcp, TheServerAnswersLineByLineUntilTheInputEnds) {
    std::istringstream in("{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}\r\n\n{\n");
    std::ostringstream out;
    server.serve(in, out);
    EXPECT_EQ(out.str(),
              "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n"
              "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"this is "
              "no JSON\"}}\n");
}

TEST(McpClient, TheOfficialClientTalksWithTwoDevices) {
    const tidemark::TempFolder folder;
    const fs::path project = MCP_CLIENT_BUILD;
    fs::create_directories(project);
    const auto read = [](const fs::path& file) {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    };
    const fs::path source = MCP_CLIENT_SOURCE;
    const bool installed =
        fs::exists(project / "node_modules/.package-lock.json") &&
        read(project / "package-lock.json") == read(source / "package-lock.json");
    for (const char* file : {"package.json", "package-lock.json", "client.mjs"}) {
        fs::copy_file(source / file, project / file, fs::copy_options::overwrite_existing);
    }
    if (!installed) {
        const tidemark::Ran npm = tidemark::run_program(
            {"timeout", "200", "npm", "ci", "--ignore-scripts", "--no-audit"}, project.string());
        ASSERT_EQ(npm.exit_code, 0) << npm.out << npm.err;
    }
    const tidemark::Ran ran = tidemark::run_program(
        {"timeout", "90", "node", "client.mjs", EXAMPLE_COMMAND, folder.path().string()},
        project.string());
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    EXPECT_EQ(ran.out, "ok\n");
}

}  // namespace
}  // namespace memorygraph
