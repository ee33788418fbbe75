// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "printable/line.hpp"

// Text as a terminal shows it.
namespace xgate::cli {

/// Columns that the text takes: Chinese characters take two, combining marks none.
std::size_t display_width(std::string_view utf8) noexcept;

/// What a device sent, byte for byte: control characters as their pictures (␀ ␊ ␉), which are no
/// JSON, blanks at either end as ␣, the rest as printable::Line has it.
printable::Line as_it_came(std::string_view bytes);

/// The same where a blank may be the mistake: each is seen, as ␣, those that are no space of ASCII
/// (a full-width one, U+3000) as \uNNNN.
printable::Line with_visible_blanks(std::string_view bytes);

/// At most `columns` wide, with … where something was left out.
printable::Line clipped(const printable::Line& line, std::size_t columns);

/// The line in lines of at most `columns`, broken at blanks where there are some. Never empty.
std::vector<printable::Line> folded(const printable::Line& line, std::size_t columns);

}  // namespace xgate::cli
