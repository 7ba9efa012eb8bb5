// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/tree_drawing.h"

#include <array>
#include <string_view>

#include "sim/dmsetup/commands.h"

namespace sim::dmsetup {
namespace {

struct LineSymbols {
  std::string_view branch, vertical, last, single, first;
};

constexpr LineSymbols ascii_symbols{"|-", "| ", "`-", "---", "-+-"};
constexpr LineSymbols utf_symbols{"├─", "│ ", "└─", "───", "─┬─"};
// The VT100's line drawing characters, between the sequences that switch them on and off.
constexpr LineSymbols vt100_symbols{"\033(0\017tq\033(B", "\033(0\017x\033(B ", "\033(0\017mq\033(B",
                                    "\033(0\017qqq\033(B", "\033(0\017qwq\033(B"};

const LineSymbols& symbols_of(TreeOptions::Symbols kind) {
  switch (kind) {
    case TreeOptions::Symbols::utf:
      return utf_symbols;
    case TreeOptions::Symbols::vt100:
      return vt100_symbols;
    default:
      return ascii_symbols;
  }
}

using libdm::DependencyTree;
using libdm::TreeNode;

class TreeDrawing {
 public:
  TreeDrawing(Session& session, const DependencyTree& tree)
      : session_(session),
        tree_(tree),
        options_(session.display.tree),
        symbols_(symbols_of(options_.symbols)) {
    const bool attributes = options_.active || options_.rw || options_.open_count || options_.uuid;
    compact_ = options_.compact && !attributes && !options_.targets;
  }

  void draw_below(const TreeNode& node, std::size_t depth) {
    const auto& children = DependencyTree::links(node, options_.inverted);
    for (std::size_t i = 0; i < children.size(); i++) {
      const TreeNode& child = *children[i];
      const bool has_children = tree_.children(child, options_.inverted) != 0;
      draw_node(child, depth, i + 1 == children.size(), has_children);
      if (has_children) draw_below(child, depth + 1);
    }
  }

 private:
  static constexpr std::size_t depth_max = 100;
  static constexpr int width_max = 80;  // columns, where the output is no terminal

  void draw_node(const TreeNode& node, std::size_t depth, bool last, bool has_children) {
    if (depth + 2 > depth_max) return;
    const bool named = !node.name.empty();
    if (!named && !options_.device && !options_.kernel_name) return;
    more_[depth] = !last;
    width_[depth] = 0;
    const bool first_on_line = column_ == 1;
    if (!compact_ || first_on_line) draw_prefix(depth);
    const int offset = column_;
    if (compact_ && !first_on_line) put(more_[depth] ? symbols_.first : symbols_.single);
    put(node.name);
    if (options_.kernel_name) {
      // A device without a name still counts as having an empty one, hence the space.
      if (const auto name = session_.context.system.block_device_name(node.info.device()))
        put(fmt::format(" <{}>", *name));
    }
    if (options_.device) put(fmt::format(" ({}:{})", node.info.major, node.info.minor));
    if (node.info.exists) draw_attributes(node);
    if (compact_) width_[depth] = column_ - offset;
    if (!compact_ || !has_children) new_line();
  }

  void draw_attributes(const TreeNode& node) {
    int count = 0;
    const auto attribute = [&](bool wanted, std::string_view text) {
      if (!wanted) return;
      put(count++ != 0 ? ", " : " [");
      put(text);
    };
    attribute(options_.active, node.info.suspended ? "SUSPENDED" : "ACTIVE");
    attribute(options_.rw, node.info.read_only ? "RO" : "RW");
    attribute(options_.open_count, fmt::format("{}", node.info.open_count));
    attribute(options_.uuid, node.uuid);
    if (count != 0) put("]");
  }

  void draw_prefix(std::size_t depth) {
    for (std::size_t d = 0; d < depth; d++) {
      put(std::string(static_cast<std::size_t>(width_[d]) + 1, ' '));
      if (d + 1 == depth) {
        put(more_[depth] ? symbols_.branch : symbols_.last);
      } else {
        put(more_[d + 1] ? symbols_.vertical : "  ");
      }
    }
  }

  void put(std::string_view text) {
    for (const char c : text) put_byte(c);
  }

  // Only the first byte of a character in UTF-8 takes a column. A line that is too long ends in dots, but its
  // last character is held back: it may just fit.
  void put_byte(char c) {
    const bool first_byte = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    const bool multi_byte = (static_cast<unsigned char>(c) & 0x80) != 0;
    if (first_byte) column_++;
    if (!options_.truncate || column_ <= width_max) session_.out += c;
    if (!options_.truncate || column_ != width_max + 1 || !first_byte) return;
    if (held_back_ != 0 || multi_byte) {
      session_.out += "...";
    } else {
      held_back_ = c;
      column_--;
    }
  }

  void new_line() {
    if (held_back_ != 0 && column_ == width_max) session_.out += held_back_;
    held_back_ = 0;
    session_.out += '\n';
    column_ = 1;
  }

  Session& session_;
  const DependencyTree& tree_;
  const TreeOptions& options_;
  const LineSymbols& symbols_;
  bool compact_;
  std::array<int, depth_max> width_{};
  std::array<bool, depth_max> more_{};
  int column_ = 1;
  char held_back_ = 0;
};

}  // namespace

void draw_tree(Session& session, const DependencyTree& tree) {
  TreeDrawing(session, tree).draw_below(tree.root(), 0);
}

}  // namespace sim::dmsetup
