#include "tls/certificates.h"

#include <gtest/gtest.h>

#include "support/cpp/test_certificates.h"

namespace tls {
namespace {

class CertificatesTest : public testing::Test {
 protected:
  std::string fault(CertificateFiles files) const {
    const auto loaded = ServerCertificates::load(std::move(files));
    return loaded ? "" : loaded.error().text;
  }

  const TestFiles files;
  const TestIdentity identity = make_identity();
  const std::string certificate = files.write("certificate.pem", pem_of(identity.certificate));
  const std::string key = files.write("key.pem", pem_of(identity.key));
};

TEST_F(CertificatesTest, AreReadFromPemAndFromPfx) {
  EXPECT_EQ(fault({certificate, key, ""}), "");
  EXPECT_EQ(fault({files.write("both.pem", pem_of(identity.key) + pem_of(identity.certificate)), "", ""}), "");
  EXPECT_EQ(fault({certificate, files.write("encrypted.pem", pem_of(identity.key, "secret")), "secret"}), "");
  EXPECT_EQ(fault({files.write("server.pfx", pfx_of(identity, "secret")), "", "secret"}), "");
  EXPECT_EQ(fault({files.write("open.pfx", pfx_of(identity, "")), "", ""}), "");
}

TEST_F(CertificatesTest, AreReadWithoutTheirKeyTheSameFromEachKindOfFile) {
  const std::string der = read_certificate({certificate, files.path("a key that may not be read"), ""}).value();
  EXPECT_GT(der.size(), 100u);
  EXPECT_EQ(
      read_certificate({files.write("both.pem", pem_of(identity.key) + pem_of(identity.certificate)), "", ""}).value(),
      der);
  EXPECT_EQ(read_certificate({files.write("server.pfx", pfx_of(identity, "secret")), "", "secret"}).value(), der);
  EXPECT_NE(read_certificate({files.write("other.pem", pem_of(make_identity().certificate)), "", ""}).value(), der);
  EXPECT_EQ(read_certificate({files.path("missing.pem"), "", ""}).error().text,
            files.path("missing.pem") + ": cannot be read: No such file or directory");
}

TEST_F(CertificatesTest, NameTheFileAndItsFault) {
  const std::string missing = files.path("missing.pem");
  EXPECT_EQ(fault({missing, "", ""}), missing + ": cannot be read: No such file or directory");
  EXPECT_EQ(fault({certificate, missing, ""}), missing + ": cannot be read: No such file or directory");
  EXPECT_EQ(fault({certificate, "", ""}), certificate + ": has no private key");
  EXPECT_EQ(fault({key, "", ""}), key + ": has no certificate");
  const std::string noise = files.write("noise", "neither this nor that");
  EXPECT_EQ(fault({noise, "", ""}), noise + ": is neither PEM nor PFX (PKCS#12)");
  EXPECT_EQ(fault({noise, key, ""}), noise + ": has no certificate");
  const std::string empty = files.write("empty", "");
  EXPECT_EQ(fault({empty, "", ""}), empty + ": is empty");
  EXPECT_NE(fault({files.path(""), "", ""}).find("cannot be read: Is a directory"), std::string::npos);

  const std::string encrypted = files.write("encrypted.pem", pem_of(identity.key, "secret"));
  EXPECT_EQ(fault({certificate, encrypted, ""}), encrypted + ": the key is encrypted and there is no password");
  EXPECT_EQ(fault({certificate, encrypted, "other"}),
            encrypted + ": the key cannot be decrypted: the password is wrong");
  const std::string pfx = files.write("server.pfx", pfx_of(identity, "secret"));
  EXPECT_EQ(fault({pfx, "", "other"}), pfx + ": the password is wrong, or the file is damaged");

  const std::string strange = files.write("strange.pem", pem_of(make_key()));
  EXPECT_EQ(fault({certificate, strange, ""}),
            strange + ": the private key does not match the certificate in " + certificate);

  const std::string torn = files.write("torn.pem", pem_of(identity.certificate).substr(0, 200));
  EXPECT_NE(fault({torn, key, ""}), "");
}

TEST_F(CertificatesTest, WarnOfTheWrongTimeAndAreUsed) {
  const TestIdentity old = make_identity({.begins = -std::chrono::hours(48), .ends = -std::chrono::hours(24)});
  const auto expired =
      ServerCertificates::load({files.write("old.pem", pem_of(old.certificate) + pem_of(old.key)), "", ""});
  ASSERT_TRUE(expired);
  ASSERT_EQ((*expired)->warnings().size(), 1u);
  EXPECT_NE((*expired)->warnings()[0].find("old.pem: the certificate has expired on "), std::string::npos);

  const TestIdentity early = make_identity({.begins = std::chrono::hours(24), .ends = std::chrono::hours(48)});
  const auto not_yet =
      ServerCertificates::load({files.write("early.pem", pem_of(early.certificate) + pem_of(early.key)), "", ""});
  ASSERT_TRUE(not_yet);
  ASSERT_EQ((*not_yet)->warnings().size(), 1u);
  EXPECT_NE((*not_yet)->warnings()[0].find("is not valid before "), std::string::npos);
  EXPECT_TRUE(ServerCertificates::load({certificate, key, ""}).value()->warnings().empty());
}

TEST_F(CertificatesTest, AreReadAgainOnlyWhenTheyHaveChanged) {
  const auto loaded = ServerCertificates::load({certificate, key, ""}).value();
  EXPECT_EQ(loaded->reload_if_changed().value(), false);
  const TestIdentity next = make_identity();
  files.write("certificate.pem", pem_of(next.certificate));
  const auto half = loaded->reload_if_changed();
  ASSERT_FALSE(half);
  EXPECT_NE(half.error().text.find("does not match"), std::string::npos);
  EXPECT_EQ(loaded->reload_if_changed().value(), false) << "a fault is reported once";
  files.write("key.pem", pem_of(next.key));
  EXPECT_EQ(loaded->reload_if_changed().value(), true);
  EXPECT_EQ(loaded->reload_if_changed().value(), false);
}

// As Kubernetes mounts secrets: a link changes, and no file.
TEST_F(CertificatesTest, AreReadAgainWhenALinkPointsElsewhere) {
  const TestIdentity next = make_identity();
  const std::string other = files.write("other.pem", pem_of(next.certificate) + pem_of(next.key));
  const std::string first = files.write("first.pem", pem_of(identity.certificate) + pem_of(identity.key));
  std::filesystem::create_symlink(first, files.path("link.pem"));
  const auto loaded = ServerCertificates::load({files.path("link.pem"), "", ""}).value();
  std::filesystem::create_symlink(other, files.path("link.new"));
  std::filesystem::rename(files.path("link.new"), files.path("link.pem"));
  EXPECT_EQ(loaded->reload_if_changed().value(), true);
}

}  // namespace
}  // namespace tls
