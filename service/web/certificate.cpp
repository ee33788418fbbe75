// SPDX-License-Identifier: Apache-2.0
#include "service/web/certificate.hpp"

#include <utility>

#include <openssl/ssl.h>
#include <sys/stat.h>

#include "service/observe/log.hpp"

namespace xgate::web {

namespace ssl = boost::asio::ssl;

namespace {

constexpr std::chrono::seconds look_every{1};

/// OpenSSL would ask for a file's at the terminal, on this thread, where nobody may be; notes
/// that it wanted to.
void refuse_to_give_passwords(SSL_CTX* context, bool& wanted) {
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void* noted) {
    if (noted != nullptr) *static_cast<bool*>(noted) = true;
    return -1;
  });
  SSL_CTX_set_default_passwd_cb_userdata(context, &wanted);
}

}  // namespace

tl::expected<std::unique_ptr<Certificate>, std::string> Certificate::load(std::string chain_file,
                                                                          std::string key_file) {
  std::unique_ptr<Certificate> made(new Certificate(std::move(chain_file), std::move(key_file)));
  made->stamps_ = {stamp_of(made->chain_file_), stamp_of(made->key_file_)};
  auto context = made->read();
  if (!context) return tl::unexpected(std::move(context).error());
  made->context_ = std::move(*context);
  return made;
}

Certificate::Context Certificate::current() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_at_ < look_every) return context_;
  looked_at_ = now;
  const Stamps stamps{stamp_of(chain_file_), stamp_of(key_file_)};
  if (stamps == stamps_) return context_;
  stamps_ = stamps;
  if (auto renewed = read()) {
    context_ = std::move(*renewed);
    observe::info("the certificate {} was renewed: new connections get it",
                  observe::Words(chain_file_));
  } else {
    observe::error("{}; the certificate that was read before stays in use",
                   observe::Words(renewed.error()));
  }
  return context_;
}

tl::expected<Certificate::Context, std::string> Certificate::read() const {
  struct stat status = {};
  if (::stat(key_file_.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0) {
    return tl::unexpected("everyone may read the key " + key_file_ + ": chmod 640 it");
  }
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // an idle connection holds none
  bool wants_password = false;
  refuse_to_give_passwords(native, wants_password);
  boost::system::error_code error;
  context->use_certificate_chain_file(chain_file_, error);
  if (error) {
    return tl::unexpected("the certificate " + chain_file_ + " cannot be used: " + error.message());
  }
  context->use_private_key_file(key_file_, ssl::context::pem, error);
  SSL_CTX_set_default_passwd_cb_userdata(native, nullptr);
  if (wants_password) {
    return tl::unexpected("the key " + key_file_ +
                          " is encrypted, and nobody is asked for its password: store it without "
                          "one (openssl pkey -in KEY -out NEW), for the service's eyes alone");
  }
  if (error) {
    return tl::unexpected("the key " + key_file_ + " cannot be used with the certificate " +
                          chain_file_ + ": " + error.message());
  }
  return context;
}

Certificate::Stamp Certificate::stamp_of(const std::string& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_size,
          std::int64_t{status.st_ctim.tv_sec} * 1'000'000'000 + status.st_ctim.tv_nsec};
}

}  // namespace xgate::web
