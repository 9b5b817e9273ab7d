#include "cli/conflict_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/prose.hpp"
#include "cli/table.hpp"

namespace tidemark::cli {
namespace {

constexpr std::size_t piped_value_width = 60;
constexpr std::size_t narrowest_value = 27;  // "deleted 2026-03-09 14:05:12"
constexpr std::size_t name_width = 24;
constexpr std::size_t lead_in = 8;  // what is shown of two texts before they differ

const Value* find(const NamedValues& row, const std::string& name) {
    const auto at = std::find_if(row.begin(), row.end(),
                                 [&](const auto& named) { return named.first == name; });
    return at == row.end() ? nullptr : &at->second;
}

std::vector<std::string> columns_of_both(const Conflict& conflict) {
    std::vector<std::string> names;
    for (const NamedValues* row : {&conflict.here, &conflict.there}) {
        for (const auto& [name, value] : *row) {
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
    }
    return names;
}

/// Where to begin showing two texts so that the first difference is seen; 0: at their beginning.
std::size_t interesting_part(const Value* a, const Value* b, std::size_t width) {
    const auto* left = a == nullptr ? nullptr : std::get_if<std::string>(a);
    const auto* right = b == nullptr ? nullptr : std::get_if<std::string>(b);
    if (left == nullptr || right == nullptr || *left == *right) return 0;
    const auto differ =
        std::mismatch(left->begin(), left->end(), right->begin(), right->end()).first;
    auto at = static_cast<std::size_t>(differ - left->begin());
    if (at + lead_in < width) return 0;
    at -= lead_in;
    while (at > 0 && (static_cast<unsigned char>((*left)[at]) & 0xc0) == 0x80) --at;
    return at;
}

std::string show_from(const Value* value, std::size_t begin, std::size_t width) {
    if (value == nullptr) return {};
    if (begin == 0) return show(*value, width);
    return "…" + show(Value(std::get<std::string>(*value).substr(begin)), width - 1);
}

std::string side_time(const NamedValues& row, std::int64_t at_ms) {
    return (row.empty() ? "deleted " : "edited ") + local_time(at_ms);
}

struct Line {
    std::string label;
    std::string here;
    std::string there;
    bool marked;
};

/// Lays out the sides of one conflict.
class Sides {
public:
    Sides(const Conflict& conflict, const Screen& screen, bool whole)
        : conflict_(conflict), screen_(screen) {
        const std::vector<std::string> names = columns_of_both(conflict);
        for (const std::string& name : names) {
            label_width_ = std::max(label_width_, columns_of(printable(name, name_width)));
        }
        if (screen.width > 0) {
            const std::size_t frame = label_width_ + 10;
            const std::size_t room = screen.width > frame ? screen.width - frame : 0;
            stacked_ = room / 2 < narrowest_value;
            value_width_ = stacked_ ? std::max(room, narrowest_value) : room / 2;
        }
        if (whole) value_width_ = unlimited;
        for (const std::string& name : names) add(name);
    }

    std::string text() const {
        const std::string here = side_time(conflict_.here, conflict_.here_at_ms);
        const std::string there = side_time(conflict_.there, conflict_.there_at_ms);
        const bool a_deletion = conflict_.here.empty() || conflict_.there.empty();
        if (!stacked_) {
            std::vector<Line> lines = lines_;
            lines.insert(lines.begin(), {"", here, there, a_deletion});
            lines.insert(lines.begin(), {"", here_name(conflict_), there_name(conflict_), false});
            return side_by_side(lines);
        }
        std::string out = fmt::format("  {}, {}\n", here_name(conflict_), here);
        for (const Line& line : lines_) out += below(line, line.here, conflict_.lost_here);
        out += fmt::format("\n  {}, {}\n", there_name(conflict_), there);
        for (const Line& line : lines_) out += below(line, line.there, !conflict_.lost_here);
        return out;
    }

private:
    void add(const std::string& name) {
        const Value* here = find(conflict_.here, name);
        const Value* there = find(conflict_.there, name);
        const std::size_t begin =
            value_width_ == unlimited ? 0 : interesting_part(here, there, value_width_);
        const auto& lost = conflict_.columns;
        lines_.push_back({
            printable(name, name_width),
            show_from(here, begin, value_width_),
            show_from(there, begin, value_width_),
            std::find(lost.begin(), lost.end(), name) != lost.end(),
        });
    }

    std::string cell(const std::string& value, bool marked, bool loser, std::size_t width) const {
        const char* mark = !marked || value.empty() ? "  " : loser ? "- " : "+ ";
        const Ink ink = !marked ? Ink::plain : loser ? Ink::red : Ink::green;
        return paint(screen_, ink, padded(mark + value, width + 2));
    }

    std::string label(const Line& line) const {
        return "  " + paint(screen_, Ink::dim, padded(line.label, label_width_)) + "  ";
    }

    std::string below(const Line& line, const std::string& value, bool loser) const {
        return value.empty() ? "" : label(line) + cell(value, line.marked, loser, 0) + "\n";
    }

    std::string side_by_side(const std::vector<Line>& lines) const {
        std::size_t here_width = 0;
        for (const Line& line : lines) here_width = std::max(here_width, columns_of(line.here));
        std::string out;
        for (const Line& line : lines) {
            const bool alone = line.there.empty();
            out += label(line);
            out += cell(line.here, line.marked, conflict_.lost_here, alone ? 0 : here_width);
            if (!alone) out += "  " + cell(line.there, line.marked, !conflict_.lost_here, 0);
            out += '\n';
        }
        return out;
    }

    const Conflict& conflict_;
    const Screen& screen_;
    std::vector<Line> lines_;
    std::size_t label_width_ = 0;
    std::size_t value_width_ = piped_value_width;
    bool stacked_ = false;
};

std::string facts_of(const Conflict& conflict, const Screen& screen) {
    std::string key;
    for (const auto& [name, value] : conflict.key) {
        if (!key.empty()) key += ", ";
        key += printable(name) + " = " + show(value, piped_value_width);
    }
    Facts facts;
    facts.add("Table", printable(conflict.table));
    facts.add("Key", key);
    facts.add("Merged", local_time(conflict.at_ms));
    facts.add("Why", printable(conflict.reason));
    facts.add("Lost", loss(conflict));
    return facts.text(screen);
}

}  // namespace

std::string conflict_page(const Conflict& conflict, const Screen& screen, bool whole,
                          std::string_view path) {
    std::string out = paint(screen, Ink::bold, fmt::format("Conflict {}", conflict.id));
    out += fmt::format(", {}\n", name_of(conflict.state));
    out += facts_of(conflict, screen) + "\n" + Sides(conflict, screen, whole).text();
    out += "\n  - lost, + kept\n";
    if (conflict.state != ConflictState::open) return out;
    for (const char* action : {"restore", "dismiss"}) {
        const std::string arguments = fmt::format("{} {}", action, conflict.id);
        out += fmt::format("  {}\n", command_line("conflicts", path, arguments));
    }
    return out;
}

}  // namespace tidemark::cli
