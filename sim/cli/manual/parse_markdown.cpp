// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "sim/cli/manual/document.h"

namespace sim::cli::manual {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// "| a | b \| c |": the cells, each as it is written.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  std::size_t begin = 1;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] != '|' || line[i - 1] == '\\') continue;
    cells.emplace_back(trimmed(line.substr(begin, i - begin)));
    begin = i + 1;
  }
  return cells;
}

unsigned heading_level(std::string_view line) {
  const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
  return level != 0 && level < line.size() && line[level] == ' ' ? static_cast<unsigned>(level) : 0;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lines_(lines_of(text)) {}

  Document parse() {
    while (next_ < lines_.size()) parse_block();
    return std::move(document_);
  }

 private:
  [[nodiscard]] bool at_end() const { return next_ == lines_.size(); }
  [[nodiscard]] std::string_view line() const { return lines_[next_]; }
  [[nodiscard]] bool begins_block() const {
    return trimmed(line()).empty() || heading_level(line()) != 0 || line().starts_with("```") ||
           line().starts_with("| ") || line().starts_with("* ") || line().starts_with("<!--");
  }

  void parse_block() {
    if (trimmed(line()).empty() || line().starts_with("<!--")) {
      ++next_;
    } else if (const unsigned level = heading_level(line()); level != 0) {
      add_heading(level, std::string(trimmed(line().substr(level))));
      ++next_;
    } else if (line().starts_with("```")) {
      document_.blocks.emplace_back(code_block());
    } else if (line().starts_with("| ")) {
      document_.blocks.emplace_back(table());
    } else if (line().starts_with("* ")) {
      document_.blocks.emplace_back(bullet_list());
    } else {
      document_.blocks.emplace_back(Paragraph{text_block()});
    }
  }

  void add_heading(unsigned level, std::string text) {
    if (level == 1) {
      document_.title = std::move(text);
    } else {
      document_.blocks.emplace_back(Heading{level, std::move(text)});
    }
  }

  CodeBlock code_block() {
    CodeBlock block{std::string(trimmed(line().substr(3))), {}};
    for (++next_; !at_end() && !line().starts_with("```"); ++next_) block.lines.emplace_back(line());
    if (!at_end()) ++next_;
    return block;
  }

  Table table() {
    const std::vector<std::string> header = cells_of(line());
    Table table{header.at(0), header.at(1), {}};
    for (next_ += 2; !at_end() && line().starts_with("| "); ++next_) {
      const std::vector<std::string> cells = cells_of(line());
      table.rows.emplace_back(cells.at(0), cells.at(1));
    }
    return table;
  }

  BulletList bullet_list() {
    BulletList list;
    while (!at_end() && line().starts_with("* ")) {
      std::string item(trimmed(line().substr(2)));
      ++next_;
      if (!at_end() && !begins_block()) item += " " + text_block();
      list.items.push_back(std::move(item));
    }
    return list;
  }

  // Lines up to the next block, joined.
  std::string text_block() {
    std::string text(trimmed(line()));
    for (++next_; !at_end() && !begins_block(); ++next_) text.append(" ").append(trimmed(line()));
    return text;
  }

  std::vector<std::string_view> lines_;
  std::size_t next_ = 0;
  Document document_;
};

}  // namespace

Document parse_markdown(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace sim::cli::manual
