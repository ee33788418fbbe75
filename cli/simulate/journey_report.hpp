// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/output.hpp"
#include "texts/texts.hpp"

namespace xgate::cli {

/// Prints a simulation step by step: as text while it happens, or one JSON object at each step's
/// end. What is handed over is printed, escaped: secrets must be masked before. Sentences are said
/// in the reader's language, and to programs in English.
class JourneyReport {
 public:
  JourneyReport(Output out, bool json, bool color, texts::Language language)
      : out_(out), json_(json), color_(color), language_(json ? texts::Language::en : language) {}

  /// `requirements` as "AUTH-4, AUTH-5".
  void begin(std::string name, std::string title, std::string requirements);
  void sent(std::string text);                   ///< a packet, as it is
  void sent_login(const std::string& sentence);  ///< in the reader's words
  void received(std::string text);               ///< a packet, as it is
  void note(const std::string& sentence);
  void done();
  void failed(const std::string& reason, const std::string& advice);
  void skipped(const std::string& title, const std::string& requirements, const std::string& why);
  /// The last line.
  void finish(bool good, const std::string& summary);

 private:
  struct Line {
    std::string_view kind;  ///< "sent", "received", "note"
    std::string text;
  };
  void line(std::string_view kind, std::string_view mark, printable::Literal colour,
            std::string text);
  std::string said(std::string_view sentence) const { return texts::in(language_, sentence); }
  void paint(printable::Literal colour, const printable::Line& text) const;
  void end_line() const;
  void print_object(const std::string& status, const std::string& reason,
                    const std::string& advice);

  Output out_;
  bool json_;
  bool color_;
  texts::Language language_;
  int number_ = 0;
  std::string name_;
  std::string title_;
  std::string requirements_;
  std::vector<Line> lines_;
};

}  // namespace xgate::cli
