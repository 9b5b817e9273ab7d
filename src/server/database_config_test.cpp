#include "server/database_config.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <boost/json/parse.hpp>
#include <tidemark/error.hpp>

#include "server/fault.hpp"
#include "support/temp_folder.hpp"

namespace tidemark::server {
namespace {

boost::json::object object(const char* text) { return boost::json::parse(text).as_object(); }

TEST(DatabaseConfig, WhatWasWrittenIsReadAgain) {
    const TempFolder folder;
    const std::string file = config_path(folder / "notes.db");
    EXPECT_EQ(read_database_config(file), DatabaseConfig());
    const DatabaseConfig said{
        true,    true, "until \"Monday\"", "ZgkFrLd7nNnhYcM4JE0Xpx7lJkVqkkGq9yAu5gCGVHo",
        123'456, 7'000};
    write_database_config(file, said);
    EXPECT_EQ(read_database_config(file), said);
    write_database_config(file, {});
    EXPECT_EQ(read_database_config(file), DatabaseConfig());
    EXPECT_FALSE(std::filesystem::exists(file + ".partial"));
    std::ofstream(file) << "{";
    EXPECT_THROW(read_database_config(file), Error);
}

TEST(DatabaseConfig, ASizeIsANumberOfBytesOrHasAUnit) {
    const auto size = [](const char* value) {
        return changed({}, object((std::string(R"({"max_db_size":)") + value + "}").c_str()))
            .most_bytes;
    };
    EXPECT_EQ(size("4096"), 4096);
    EXPECT_EQ(size(R"("4096")"), 4096);
    EXPECT_EQ(size(R"("10 MB")"), 10'000'000);
    EXPECT_EQ(size(R"("1.5GB")"), 1'500'000'000);
    EXPECT_EQ(size(R"("2KiB")"), 2048);
    for (const char* wrong : {"-1", "true", R"("")", R"("much")", R"("5 miles")", R"("1e30 PB")"}) {
        EXPECT_THROW(size(wrong), HttpFault) << wrong;
    }
}

TEST(DatabaseConfig, WhatIsNotDoneHereIsRefusedUnlessItAsksForNothing) {
    EXPECT_NO_THROW(changed({}, object(R"({"allow_attach":false,"heartbeat_url":null,
        "durability_mode":"strong","dump_url":null,"shared_schema":false})")));
    for (const char* body :
         {R"({"allow_attach":true})", R"({"durability_mode":"relaxed"})", R"({"bogus":1})",
          R"({"block_reads":"yes"})", R"({"txn_timeout_s":0})", R"({"jwt_key":"no key"})"}) {
        EXPECT_THROW(changed({}, object(body)), HttpFault) << body;
    }
}

}  // namespace
}  // namespace tidemark::server
