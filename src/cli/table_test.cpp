#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

TEST(TextTable, ATableThatIsTooWideIsStacked) {
    Table table({{"Table"}, {"Rows", Table::Align::right}, {"Syncs"}});
    table.add({{"notes"}, {"12"}, {"no: it has no declared primary key"}});
    EXPECT_EQ(table.text({}),
              "Table  Rows  Syncs\n"
              "notes    12  no: it has no declared primary key\n");
    EXPECT_EQ(table.text({true, false, 36}),
              "Table  Rows  Syncs\n"
              "notes    12  no: it has no declared\n"
              "             primary key\n");
    EXPECT_EQ(table.text({true, false, 30}),
              "  Table  notes\n"
              "  Rows   12\n"
              "  Syncs  no: it has no\n"
              "         declared primary key\n");
}

}  // namespace
}  // namespace tidemark::cli
