#include "server/baton.hpp"

#include <gtest/gtest.h>

namespace tidemark::server {
namespace {

TEST(Baton, IsReadBackByWhoMadeItAndByNobodyElse) {
    const BatonMaker maker;
    const Baton baton{0x0123456789abcdef, 7};
    const std::string text = maker.write(baton);
    EXPECT_EQ(text.size(), 64u);
    EXPECT_EQ(maker.read(text), baton);
    EXPECT_EQ(BatonMaker().read(text), std::nullopt);
}

TEST(Baton, AnyChangedCharacterIsNoticed) {
    const BatonMaker maker;
    const std::string text = maker.write({1, 1});
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(maker.read(changed), std::nullopt) << i;
    }
    EXPECT_EQ(maker.read(""), std::nullopt);
    EXPECT_EQ(maker.read(text + "A"), std::nullopt);
    EXPECT_EQ(maker.read(std::string(64, '!')), std::nullopt);
}

}  // namespace
}  // namespace tidemark::server
