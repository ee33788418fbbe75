// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Text as a terminal shows it.
namespace xgate::cli {

/// Columns that the text takes: Chinese characters take two, combining marks none.
std::size_t display_width(std::string_view utf8) noexcept;

/// The text with whatever could steer a terminal (control characters, direction overrides) shown
/// as \u00XX, and broken UTF-8 as U+FFFD: what a device sent is printed, never obeyed.
std::string printable(std::string_view bytes);

/// What a device sent, byte for byte: control characters as their pictures (␀ ␊ ␉), which are no
/// JSON, blanks at either end as ␣, bytes that are no UTF-8 as \xNN, the rest as printable() has
/// it.
std::string as_it_came(std::string_view bytes);

/// The same where a blank may be the mistake: each is seen, as ␣, those that are no space of ASCII
/// (a full-width one, U+3000) as \uNNNN.
std::string with_visible_blanks(std::string_view bytes);

/// At most `columns` wide, with … where something was left out.
std::string clipped(std::string_view utf8, std::size_t columns);

/// The text in lines of at most `columns`, broken at blanks where there are some. Never empty.
std::vector<std::string> folded(std::string_view utf8, std::size_t columns);

bool is_utf8(std::string_view bytes) noexcept;

}  // namespace xgate::cli
