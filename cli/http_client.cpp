// SPDX-License-Identifier: Apache-2.0
#include "cli/http_client.hpp"

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "cli/curl_handles.hpp"

namespace xgate::cli {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const noexcept { (void)std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

void append(CurlHeaders& headers, const std::string& line) {
  curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
  if (longer == nullptr) return;
  (void)headers.release();
  headers.reset(longer);
}

struct LibraryGuard {
  LibraryGuard() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  ~LibraryGuard() { curl_global_cleanup(); }
  LibraryGuard(const LibraryGuard&) = delete;
  LibraryGuard& operator=(const LibraryGuard&) = delete;
};

struct Receiving {
  CURL* easy = nullptr;
  std::string body;
  const std::function<void(std::string_view)>* sink = nullptr;
};

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& receiving = *static_cast<Receiving*>(user);
  long status = 0;
  curl_easy_getinfo(receiving.easy, CURLINFO_RESPONSE_CODE, &status);
  const std::string_view part(bytes, size);
  if (*receiving.sink && status / 100 == 2) {
    (*receiving.sink)(part);
  } else {
    receiving.body += part;
  }
  return size;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& asked = *static_cast<std::function<bool()>*>(user);
  return asked && asked() ? 1 : 0;
}

std::string decapitalised(std::string text) {
  const auto lower = [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  };
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0) {
    text[0] = lower(text[0]);
  }
  return text;
}

// What curl cannot tell by its code alone: refused, no route, …
std::string system_reason(CURL* easy, CURLcode code) {
  long number = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
  if (number != 0) {
    return decapitalised(std::system_category().message(static_cast<int>(number)));
  }
  return decapitalised(curl_easy_strerror(code));
}

constexpr std::string_view reach_hint = "; is `./run` up? give --url or XGATE_URL";

/// Of a certificate: what OpenSSL, or curl itself, has against it.
std::string reason_of_distrust(std::string_view why) {
  for (const std::string_view head : {"SSL certificate problem: ", "SSL: "}) {
    if (why.starts_with(head)) why.remove_prefix(head.size());
  }
  return decapitalised(std::string(why));
}

std::string explained_tls(CURLcode code, const std::string& url, const std::string& ca_file,
                          std::string_view why) {
  if (code == CURLE_SSL_CACERT_BADFILE) {
    return "there is no certificate to trust in the file " + ca_file +
           "; --ca-file or XGATE_CA_FILE names it";
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION) {
    return "the certificate of " + url + " is not trusted: " + reason_of_distrust(why) +
           "; --ca-file or XGATE_CA_FILE names whom to trust";
  }
  // What OpenSSL says of what came is an "error:…"; else nothing came, or an end.
  if (why.find("error:") == std::string_view::npos ||
      why.ends_with("unexpected eof while reading")) {
    return url +
           " closed the connection within the TLS handshake: all its places are taken (LIMIT-10), "
           "or it does not speak TLS (is it http://?); try again";
  }
  return url + " does not speak TLS, or no version of it that is taken here; is it http://?";
}

std::string explained(CURL* easy, CURLcode code, const std::string& url) {
  const std::string hint(reach_hint);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return url + " is no address of a service; write http://HOST:PORT";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "cannot reach " + url + ": there is no such host; give --url or XGATE_URL";
    case CURLE_COULDNT_CONNECT:
      return "cannot reach " + url + ": " + system_reason(easy, code) + hint;
    case CURLE_OPERATION_TIMEDOUT:
      return "cannot reach " + url + ": no answer in time" + hint;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
      return url + " closed the connection before it had answered; was the service stopped?";
    case CURLE_WEIRD_SERVER_REPLY:
      return url + " does not answer in HTTP; is it the service's address? give --url or XGATE_URL";
    case CURLE_ABORTED_BY_CALLBACK:
      return "interrupted";
    default:
      return "cannot talk to " + url + ": " + decapitalised(curl_easy_strerror(code));
  }
}

/// Read as it is sent, by libcurl's own fread.
void send_file(CURL* easy, std::FILE* file) {
  (void)std::fseek(file, 0, SEEK_END);
  const auto size = static_cast<curl_off_t>(std::ftell(file));
  std::rewind(file);
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_READDATA, file);
  curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, size);
}

HttpReply head_of_reply(CURL* easy) {
  HttpReply reply;
  long status = 0;
  const char* type = nullptr;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
  reply.status = static_cast<int>(status);
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
  reply.retry_after = std::chrono::seconds(retry_after);
  if (type != nullptr) reply.content_type = type;
  curl_header* unconfirmed = nullptr;
  if (curl_easy_header(easy, "Xgate-Unconfirmed", 0, CURLH_HEADER, -1, &unconfirmed) == CURLHE_OK) {
    reply.unconfirmed = unconfirmed->value;
  }
  return reply;
}

}  // namespace

struct HttpClient::Connection {
  Connection(std::string address, const std::string& token, HttpTimeouts limits);

  std::string url;
  std::string authorization;
  std::string ca_file;  ///< empty: the system's
  std::array<char, CURL_ERROR_SIZE> why{};
  std::string languages;  ///< for Accept-Language; empty: no such header
  CurlTransfer easy;
  std::function<bool()> asked_to_stop;
};

HttpClient::Connection::Connection(std::string address, const std::string& token,
                                   HttpTimeouts limits)
    : url(std::move(address)), authorization("Authorization: Bearer " + token) {
  static const LibraryGuard library;
  while (url.ends_with('/')) url.pop_back();
  easy.reset(curl_easy_init());
  CURL* handle = easy.get();
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.silence.count()));
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "xgate");
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, why.data());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
  if (is_loopback(url)) curl_easy_setopt(handle, CURLOPT_PROXY, "");
}

HttpClient::HttpClient(std::string url, const std::string& token, HttpTimeouts timeouts)
    : connection_(std::make_unique<Connection>(std::move(url), token, timeouts)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

void HttpClient::trust(const std::string& ca_file) {
  if (ca_file.empty()) return;
  connection_->ca_file = ca_file;
  curl_easy_setopt(connection_->easy.get(), CURLOPT_CAINFO, ca_file.c_str());
}

void HttpClient::accept_language(std::string languages) {
  connection_->languages = std::move(languages);
}

void HttpClient::stop_when(std::function<bool()> asked) {
  connection_->asked_to_stop = std::move(asked);
}

tl::expected<HttpReply, HttpFailure> HttpClient::send(
    const HttpRequest& request, const std::function<void(std::string_view)>& sink) {
  CURL* easy = connection_->easy.get();
  if (easy == nullptr) return tl::unexpected(HttpFailure{"libcurl could not be started"});
  Receiving receiving{easy, {}, &sink};
  CurlHeaders headers;
  append(headers, connection_->authorization);
  if (!connection_->languages.empty()) {
    append(headers, "Accept-Language: " + connection_->languages);
  }
  // No round trip to ask whether a body is welcome; before a file it is worth one.
  if (request.file.empty()) append(headers, "Expect:");
  if (!request.content_type.empty()) append(headers, "Content-Type: " + request.content_type);
  if (!request.idempotency_key.empty()) {
    append(headers, "Idempotency-Key: " + request.idempotency_key);
  }

  const std::string full = connection_->url + request.target;
  curl_easy_setopt(easy, CURLOPT_URL, full.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &receiving);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &connection_->asked_to_stop);
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 0L);
  File file;
  if (!request.file.empty()) {
    file.reset(std::fopen(request.file.c_str(), "rb"));
    if (!file) {
      return tl::unexpected(HttpFailure{"cannot read " + request.file + ": " +
                                        std::system_category().message(errno)});
    }
    send_file(easy, file.get());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else if (request.method == "GET") {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, nullptr);
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) {
    long sent = 0;
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    const bool tls = code == CURLE_SSL_CACERT_BADFILE || code == CURLE_PEER_FAILED_VERIFICATION ||
                     code == CURLE_SSL_CONNECT_ERROR;
    return tl::unexpected(HttpFailure{
        tls ? explained_tls(code, connection_->url, connection_->ca_file, connection_->why.data())
            : explained(easy, code, connection_->url),
        sent > 0 && code != CURLE_ABORTED_BY_CALLBACK});
  }

  HttpReply reply = head_of_reply(easy);
  reply.body = std::move(receiving.body);
  return reply;
}

bool is_loopback(std::string_view url) noexcept {
  const std::size_t scheme = url.find("://");
  const std::string_view host = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += digits[byte >> 4U];
      encoded += digits[byte & 0x0FU];
    }
  }
  return encoded;
}

}  // namespace xgate::cli
