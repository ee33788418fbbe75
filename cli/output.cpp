// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <ostream>

namespace xgate::cli {

const Output& Output::operator<<(printable::Literal literal) const {
  *stream_ << literal.text();
  return *this;
}

void Output::write(const printable::Line& line) const { *stream_ << line.text(); }
void Output::json(std::string_view text) const { *stream_ << printable::json(text); }
void Output::document(std::string_view text) const { *stream_ << printable::document(text); }
void Output::bytes(std::string_view content) const { *stream_ << content; }
bool Output::flush() const { return static_cast<bool>(stream_->flush()); }
bool Output::good() const { return stream_->good(); }

}  // namespace xgate::cli
