#include "auth/verifier.hpp"

#include <gtest/gtest.h>
#include <tidemark/error.hpp>

#include "auth/constant_time.hpp"
#include "auth/ed25519.hpp"
#include "auth/issuer.hpp"
#include "base/base64.hpp"
#include "base/text.hpp"

namespace tidemark::auth {
namespace {

constexpr std::int64_t now_s = 1'800'000'000;

/// One server, its key, and tokens as others would sign them.
class Tokens : public testing::Test {
protected:
    std::string token(const std::string& claims,
                      const std::string& header = R"({"alg":"EdDSA"})") const {
        const std::string text = to_base64url(header) + '.' + to_base64url(claims);
        return text + '.' + to_base64url(key.sign(text));
    }

    /// The code of the refusal; empty where the token is taken.
    std::string refused(const std::string& text, std::int64_t at_s = now_s) const {
        const auto result = verifier.verify(text, at_s);
        const auto* refusal = std::get_if<Refusal>(&result);
        return refusal ? refusal->code : "";
    }

    Permission permission(const std::string& claims) const {
        const auto result = verifier.verify(token(claims), now_s);
        const auto* allowed = std::get_if<std::shared_ptr<const Permission>>(&result);
        EXPECT_TRUE(allowed) << claims;
        return allowed ? **allowed : Permission();
    }

    PrivateKey key = PrivateKey::generate();
    Verifier verifier{key.public_pem()};
};

constexpr Rights read_only{.read = true};
constexpr Rights read_write{.read = true, .write = true};

TEST_F(Tokens, AnIssuedTokenOpensWhatItWasIssuedFor) {
    const auto opened = [&](const Grant& grant) {
        return *std::get<0>(verifier.verify(issue_token(key, grant), now_s));
    };
    EXPECT_EQ(opened({}).in("any"), read_write);
    EXPECT_EQ(opened({.read_only = true}).in("any"), read_only);
    const Permission one = opened({.databases = {"notes"}, .expires_s = now_s + 1});
    EXPECT_EQ(one.in("notes"), read_write);
    EXPECT_TRUE(one.in("other").none());
    const Permission two = opened({.databases = {"notes", "tasks"}, .read_only = true});
    EXPECT_EQ(two.in("tasks"), read_only);
    EXPECT_TRUE(two.in("other").none());
}

TEST_F(Tokens, ATokenOfAnotherKeyOrAlgorithmIsInvalid) {
    const Verifier other(PrivateKey::generate().public_pem());
    EXPECT_TRUE(std::holds_alternative<Refusal>(other.verify(token("{}"), now_s)));
    EXPECT_EQ(refused(token("{}", R"({"alg":"none"})")), "AUTH_JWT_INVALID");
    EXPECT_EQ(refused(token("{}", R"({"alg":"HS256"})")), "AUTH_JWT_INVALID");
    EXPECT_EQ(refused(token("{}", "{}")), "AUTH_JWT_INVALID");
}

TEST_F(Tokens, ATokenThatWasChangedIsInvalidWhereverItWasChanged) {
    const std::string good = token(R"({"a":"ro","id":"notes"})");
    ASSERT_EQ(refused(good), "");
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string changed = good;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(refused(changed), "AUTH_JWT_INVALID") << i;
    }
    for (std::size_t size = 1; size < good.size(); ++size) {
        EXPECT_EQ(refused(good.substr(0, size)), "AUTH_JWT_INVALID") << size;
    }
    EXPECT_EQ(refused(good + "A"), "AUTH_JWT_INVALID");
    EXPECT_EQ(refused(good + "."), "AUTH_JWT_INVALID");
}

TEST_F(Tokens, AMissingTokenIsSaidToBeMissing) {
    EXPECT_EQ(refused(""), "AUTH_JWT_MISSING");
    EXPECT_EQ(refused("tok"), "AUTH_JWT_INVALID");
    EXPECT_EQ(refused(std::string(1'000'000, '.')), "AUTH_JWT_INVALID");
}

TEST_F(Tokens, ExpiryAndStartHaveAMinuteOfLeeway) {
    const std::string until = token(R"({"exp":1800000000})");
    EXPECT_EQ(refused(until, now_s - 1'000), "");
    EXPECT_EQ(refused(until, now_s + 59), "");
    EXPECT_EQ(refused(until, now_s + 60), "AUTH_JWT_EXPIRED");
    const std::string from = token(R"({"nbf":1800000000})");
    EXPECT_EQ(refused(from, now_s - 61), "AUTH_JWT_IMMATURE");
    EXPECT_EQ(refused(from, now_s - 60), "");
    EXPECT_EQ(refused(token(R"({"exp":"soon"})")), "AUTH_JWT_INVALID");
    EXPECT_EQ(refused(token(R"({"exp":1e300})")), "AUTH_JWT_INVALID");
    EXPECT_EQ(refused(token(R"({"exp":null})")), "");
}

TEST_F(Tokens, ARememberedTokenStillExpires) {
    const std::string text = token(R"({"exp":1800000000})");
    EXPECT_EQ(refused(text), "");
    EXPECT_EQ(refused(text, now_s + 3'600), "AUTH_JWT_EXPIRED");
}

TEST_F(Tokens, TheOlderClaimsNameOneDatabaseAndOneAccess) {
    EXPECT_EQ(permission("{}").everywhere(), read_write);
    EXPECT_EQ(permission(R"({"a":"ro"})").in("x"), read_only);
    EXPECT_EQ(permission(R"({"a":"roa"})").in("x"), (Rights{.read = true, .attach = true}));
    const Permission one = permission(R"({"id":"x","a":"rw"})");
    EXPECT_EQ(one.in("x"), read_write);
    EXPECT_TRUE(one.in("y").none());
    EXPECT_TRUE(one.everywhere().none());
    EXPECT_EQ(refused(token(R"({"a":"admin"})")), "AUTH_JWT_INVALID");
    EXPECT_EQ(refused(token(R"({"a":1})")), "AUTH_JWT_INVALID");
    EXPECT_EQ(refused(token(R"({"id":1})")), "AUTH_JWT_INVALID");
}

TEST_F(Tokens, ThePermissionClaimSetsTheOlderOnesAside) {
    const Permission mixed = permission(
        R"({"id":"x","a":"rw","p":{"ro":{"ns":["a","b"]},"rw":{"ns":["b"]},"rwa":{"ns":["c"]},
            "ddl":{"ns":["c"],"tags":["t"]},"roa":null,"later":{"ns":["d"]}}})");
    EXPECT_TRUE(mixed.in("x").none());
    EXPECT_EQ(mixed.in("a"), read_only);
    EXPECT_EQ(mixed.in("b"), read_write);
    EXPECT_EQ(mixed.in("c"), (Rights{true, true, true, true}));
    EXPECT_TRUE(mixed.in("d").none());
    EXPECT_TRUE(permission(R"({"p":{}})").in("x").none());
    EXPECT_TRUE(permission(R"({"p":{"rw":{"tags":["t"]}}})").in("x").none());
    for (const char* broken : {R"({"p":[]})", R"({"p":{"rw":[]}})", R"({"p":{"rw":{"ns":"x"}}})",
                               R"({"p":{"rw":{"ns":[1]}}})"}) {
        EXPECT_EQ(refused(token(broken)), "AUTH_JWT_INVALID") << broken;
    }
}

TEST_F(Tokens, SeveralKeysAreTakenFromOneFile) {
    const PrivateKey next = PrivateKey::generate();
    const Verifier both("# old\n" + next.public_pem() + "\n" + key.public_pem());
    EXPECT_TRUE(
        std::holds_alternative<std::shared_ptr<const Permission>>(both.verify(token("{}"), now_s)));
}

// The key pair and the message of test 1 in RFC 8032, section 7.1.
TEST(Ed25519, ChecksTheSignatureOfTheStandard) {
    const std::string key =
        from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const std::string signature = from_hex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e"
        "39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    EXPECT_TRUE(PublicKey::from_bytes(key).verifies("", signature));
    EXPECT_FALSE(PublicKey::from_bytes(key).verifies("x", signature));
    EXPECT_NO_THROW(Verifier(to_base64url(key) + "\n"));
}

TEST(Ed25519, RefusesWhatIsNoKey) {
    for (const std::string text :
         {"", "AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}) {
        EXPECT_THROW(Verifier{text}, Error) << text;
    }
    EXPECT_THROW(PrivateKey::read_pem("x"), Error);
    EXPECT_THROW(PrivateKey::read_pem(PrivateKey::generate().public_pem()), Error);
    EXPECT_THROW(Verifier{PrivateKey::generate().pem()}, Error) << "a private key is no public one";
}

TEST(BearerToken, IsReadFromTheHeaderWhateverTheCaseOfTheScheme) {
    EXPECT_EQ(std::get<0>(bearer_token("Bearer a.b.c")), "a.b.c");
    EXPECT_EQ(std::get<0>(bearer_token("bEARER  a.b.c ")), "a.b.c");
    EXPECT_EQ(std::get<0>(bearer_token("Bearer ")), "");
    EXPECT_EQ(std::get<1>(bearer_token("")).code, "AUTH_HTTP_HEADER_MISSING");
    EXPECT_EQ(std::get<1>(bearer_token("Bearer")).code, "AUTH_HTTP_HEADER_INVALID");
    EXPECT_EQ(std::get<1>(bearer_token("Basic eDp5")).code, "AUTH_HTTP_HEADER_UNSUPPORTED_SCHEME");
}

TEST(EqualSecrets, ComparesWholeSecrets) {
    EXPECT_TRUE(equal_secrets("abc", "abc"));
    EXPECT_FALSE(equal_secrets("abc", "abd"));
    EXPECT_FALSE(equal_secrets("abc", "ab"));
    EXPECT_TRUE(equal_secrets("", ""));
}

}  // namespace
}  // namespace tidemark::auth
