// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/selection.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace sim::libdm {

// By recursive descent: or of ands of (comparison | "(" or ")" | "!" "(" or ")").
class SelectionParser {
 public:
  using Node = Selection::Node;
  using Operator = Selection::Operator;

  SelectionParser(Context& context, std::string_view text, const Selection::FieldLookup& lookup)
      : context_(context), rest_(text), lookup_(lookup) {}

  std::optional<Node> parse() {
    auto node = parse_any_of();
    if (!node) return std::nullopt;
    skip_space();
    if (rest_.empty()) return node;
    return fail("Expecting logical operator");
  }

 private:
  std::nullopt_t fail(std::string_view text) {
    context_.error("{}", text);
    context_.error("Selection syntax error at '{}'.", rest_);
    return std::nullopt;
  }

  void skip_space() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_[0])) != 0) rest_.remove_prefix(1);
  }

  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  std::optional<Node> parse_list(Node::Kind kind, std::string_view token, std::string_view other_token,
                                 std::optional<Node> (SelectionParser::*parse_item)()) {
    Node list;
    list.kind = kind;
    do {
      auto item = (this->*parse_item)();
      if (!item) return std::nullopt;
      list.children.push_back(std::move(*item));
    } while (take(token) || take(other_token));
    return list;
  }

  std::optional<Node> parse_any_of() {
    return parse_list(Node::Kind::any_of, "||", "#", &SelectionParser::parse_all_of);
  }
  std::optional<Node> parse_all_of() {
    return parse_list(Node::Kind::all_of, "&&", ",", &SelectionParser::parse_one);
  }

  std::optional<Node> parse_one() {
    const bool negated = take("!");
    if (take("(")) {
      auto node = parse_any_of();
      if (!node) return std::nullopt;
      if (!take(")")) return fail("Syntax error: right parenthesis expected");
      node->negated = negated;
      return node;
    }
    if (negated) return fail("Syntax error: left parenthesis expected");
    return parse_comparison();
  }

  std::optional<Operator> take_operator() {
    constexpr std::array operators = std::to_array<std::pair<std::string_view, Operator>>({
        {"=~", Operator::like},
        {"!~", Operator::unlike},
        {"=", Operator::equal},
        {"!=", Operator::not_equal},
        {">=", Operator::greater_equal},
        {">", Operator::greater},
        {"<=", Operator::less_equal},
        {"<", Operator::less},
    });
    for (const auto& [token, op] : operators) {
      if (take(token)) return op;
    }
    return std::nullopt;
  }

  std::optional<Node> parse_comparison() {
    skip_space();
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    });
    const std::string_view name = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    if (name.empty()) return fail("Expecting field name");
    const auto field = lookup_(name);
    if (!field) return fail(fmt::format("Unrecognised selection field: {}", name));
    rest_.remove_prefix(name.size());
    const auto op = take_operator();
    if (!op) return fail("Unrecognised comparison operator");
    Node node;
    node.field = *field;
    node.op = *op;
    skip_space();
    if (!(is_pattern(*op) ? take_pattern(node) : field->numeric ? take_number(node) : take_string(node))) {
      return std::nullopt;
    }
    return node;
  }

  static bool is_pattern(Operator op) { return op == Operator::like || op == Operator::unlike; }

  // The text up to `quote`; without a quote, up to a space or what ends a comparison.
  std::optional<std::string> take_text(char quote) {
    if (quote != 0) {
      const auto end = rest_.find(quote);
      if (end == std::string_view::npos) return fail("Missing end quote.");
      std::string text(rest_.substr(0, end));
      rest_.remove_prefix(end + 1);
      return text;
    }
    std::size_t end = 0;
    const auto ends = [](std::string_view at) {
      return at[0] == ' ' || at[0] == ',' || at[0] == '#' || at[0] == ')' || at.starts_with("&&") ||
             at.starts_with("||");
    };
    while (end < rest_.size() && !ends(rest_.substr(end))) end++;
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return text;
  }

  bool take_string(Node& node) {
    if (node.op != Operator::equal && node.op != Operator::not_equal) {
      fail("Operator can be used only with number, size, time or percent fields");
      return false;
    }
    char quote = 0;
    if (!rest_.empty() && (rest_[0] == '"' || rest_[0] == '\'')) {
      quote = rest_[0];
      rest_.remove_prefix(1);
    }
    auto text = take_text(quote);
    if (!text) return false;
    node.text = std::move(*text);
    return true;
  }

  bool take_number(Node& node) {
    // A fraction may follow, and is left out of account.
    std::size_t end = 0;
    bool point = false;
    for (; end < rest_.size(); end++) {
      if (rest_[end] == '.' && !point) {
        point = true;
      } else if (std::isdigit(static_cast<unsigned char>(rest_[end])) == 0) {
        break;
      }
    }
    const std::string number(rest_.substr(0, end));
    errno = 0;
    node.number = std::strtoull(number.c_str(), nullptr, 10);
    if (number.empty() || errno == ERANGE) {
      fail("Failed to parse numeric value");
      return false;
    }
    rest_.remove_prefix(end);
    return true;
  }

  bool take_pattern(Node& node) {
    if (rest_.empty()) {
      fail("Regular expression expected");
      return false;
    }
    if (node.field.numeric) {
      fail("incompatible comparison type");
      return false;
    }
    constexpr std::string_view open = "({[\"'";
    constexpr std::string_view close = ")}]\"'";
    const auto quote = open.find(rest_[0]);
    if (quote != std::string_view::npos) rest_.remove_prefix(1);
    const auto text = take_text(quote == std::string_view::npos ? '\0' : close[quote]);
    if (!text) return false;
    if (auto pattern = ReportPattern::parse(*text)) {
      node.pattern = std::move(*pattern);
      return true;
    }
    fail("failed to create regex matcher");
    return false;
  }

  Context& context_;
  std::string_view rest_;
  const Selection::FieldLookup& lookup_;
};

std::optional<Selection> Selection::parse(Context& context, std::string_view text,
                                          const FieldLookup& lookup) {
  Selection selection;
  if (text.empty() || text == "all") return selection;
  selection.root_ = SelectionParser(context, text, lookup).parse();
  if (!selection.root_) return std::nullopt;
  return selection;
}

bool Selection::compare(const Node& node, const FieldValue& value) {
  const bool numeric = node.field.numeric;
  switch (node.op) {
    case Operator::equal:
      return numeric ? value.number == node.number : value.text == node.text;
    case Operator::not_equal:
      return numeric ? value.number != node.number : value.text != node.text;
    case Operator::greater:
      return value.number > node.number;
    case Operator::greater_equal:
      return value.number >= node.number;
    case Operator::less:
      return value.number < node.number;
    case Operator::less_equal:
      return value.number <= node.number;
    case Operator::like:
      return node.pattern.matches(value.text);
    case Operator::unlike:
      return !node.pattern.matches(value.text);
  }
  return false;
}

bool Selection::matches(const Node& node, const std::vector<FieldValue>& values) {
  const auto holds = [&values](const Node& child) { return matches(child, values); };
  bool result = false;
  switch (node.kind) {
    case Node::Kind::compare:
      result = compare(node, values[node.field.column]);
      break;
    case Node::Kind::all_of:
      result = std::all_of(node.children.begin(), node.children.end(), holds);
      break;
    case Node::Kind::any_of:
      result = std::any_of(node.children.begin(), node.children.end(), holds);
      break;
  }
  return result != node.negated;
}

bool Selection::matches(const std::vector<FieldValue>& values) const {
  return !root_ || matches(*root_, values);
}

}  // namespace sim::libdm
