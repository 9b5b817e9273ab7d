#include "base/base64.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tidemark {
namespace {

std::string base64(std::string_view bytes) {
    std::string out;
    append_base64(out, bytes);
    return out;
}

TEST(Base64, WritesTheVectorsOfTheStandardWithoutPadding) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg");
    EXPECT_EQ(base64("fo"), "Zm8");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
    EXPECT_EQ(to_base64url("\xfb\xff\xfe"), "-__-");
}

TEST(Base64, ReadsWithPaddingAndWithout) {
    EXPECT_EQ(from_base64("Zg"), "f");
    EXPECT_EQ(from_base64("Zg=="), "f");
    EXPECT_EQ(from_base64("Zm8="), "fo");
    EXPECT_EQ(from_base64("Zm9vYmFy"), "foobar");
    EXPECT_EQ(from_base64url("-__-"), "\xfb\xff\xfe");
}

TEST(Base64, RefusesWhatIsNotBase64) {
    for (const std::string_view text : {"Z", "Zg=", "Zg===", "Zm8==", "Z===", "====", "Zm9v=",
                                        "Zm 9", "Zm9\n", "Z-_v", "Zh", "Zm9"}) {
        EXPECT_FALSE(from_base64(text)) << text;
    }
    EXPECT_FALSE(from_base64url("Zg==")) << "tokens have no padding";
    EXPECT_FALSE(from_base64url("+//+"));
}

RC_GTEST_PROP(Base64, AnyBytesComeBack, (const std::string& bytes)) {
    RC_ASSERT(from_base64(base64(bytes)) == bytes);
    RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
}

}  // namespace
}  // namespace tidemark
