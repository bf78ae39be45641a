#include "app/certs.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>

#include "app/data_folder.h"

namespace belay::app {
namespace {

class Certs : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/belay-certs-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  CertsMade make(CertsRequest request = {}) {
    request.folder = folder_;
    auto made = make_certs(request, RealClock().wall());
    EXPECT_TRUE(made) << made.error();
    return made.value_or(CertsMade{});
  }

  std::string folder_;
};

std::shared_ptr<X509> read(const std::string& path) {
  BIO* in = BIO_new_file(path.c_str(), "r");
  if (in == nullptr) return nullptr;
  std::shared_ptr<X509> c(PEM_read_bio_X509(in, nullptr, nullptr, nullptr), X509_free);
  BIO_free(in);
  return c;
}

bool verifies(const CertsMade& made, const char* host) {
  const auto ca = read(made.ca), server = read(made.certificate);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, ca.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, server.get(), nullptr);
  X509_VERIFY_PARAM_set_purpose(X509_STORE_CTX_get0_param(context), X509_PURPOSE_SSL_SERVER);
  const bool good = X509_verify_cert(context) == 1 && X509_check_host(server.get(), host, 0, 0, nullptr) == 1;
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return good;
}

TEST_F(Certs, the_certificate_is_good_for_every_region_host_of_the_contract) {
  const CertsMade made = make();
  for (const char* host :
       {"api.clevertap.com", "eu1.api.clevertap.com", "in1.api.clevertap.com", "sg1.api.clevertap.com",
        "us1.api.clevertap.com", "aps3.api.clevertap.com", "mec1.api.clevertap.com", "localhost"})
    EXPECT_TRUE(verifies(made, host)) << host;
  EXPECT_FALSE(verifies(made, "example.com"));
  EXPECT_EQ(X509_check_ip_asc(read(made.certificate).get(), "127.0.0.1", 0), 1);
}

TEST_F(Certs, more_hosts_can_be_named) {
  const CertsMade made = make({.hosts = {"belay.example.com", "10.0.0.7"}});
  EXPECT_TRUE(verifies(made, "belay.example.com"));
  EXPECT_EQ(X509_check_ip_asc(read(made.certificate).get(), "10.0.0.7", 0), 1);
  EXPECT_FALSE(make_certs({.folder = folder_, .hosts = {"no,DNS:such host"}}, RealClock().wall()));
}

TEST_F(Certs, an_authority_that_is_there_is_kept_unless_forced) {
  const CertsMade first = make();
  EXPECT_TRUE(first.new_authority);
  const std::string authority = *read_file(first.ca), certificate = *read_file(first.certificate);
  const CertsMade second = make();
  EXPECT_FALSE(second.new_authority);
  EXPECT_EQ(*read_file(second.ca), authority);
  EXPECT_NE(*read_file(second.certificate), certificate);
  EXPECT_TRUE(verifies(second, "in1.api.clevertap.com"));
  EXPECT_TRUE(make({.force = true}).new_authority);
  EXPECT_NE(*read_file(first.ca), authority);
}

TEST_F(Certs, private_keys_are_for_the_owner_only) {
  const CertsMade made = make();
  for (const std::string& key : {made.key, folder_ + "/ca.key"}) {
    struct stat info {};
    ASSERT_EQ(::stat(key.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << key;
  }
}

}  // namespace
}  // namespace belay::app
