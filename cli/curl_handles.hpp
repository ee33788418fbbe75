// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <curl/curl.h>

// What libcurl hands out, freed by its owner.
namespace xgate::cli {

struct CurlTransferDeleter {
  void operator()(CURL* transfer) const noexcept { curl_easy_cleanup(transfer); }
};
using CurlTransfer = std::unique_ptr<CURL, CurlTransferDeleter>;

struct CurlHeadersDeleter {
  void operator()(curl_slist* headers) const noexcept { curl_slist_free_all(headers); }
};
using CurlHeaders = std::unique_ptr<curl_slist, CurlHeadersDeleter>;

}  // namespace xgate::cli
