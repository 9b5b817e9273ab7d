#include "cli/table.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "cli/printable.hpp"

namespace tidemark::cli {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 20;  // a wrapped column is never made narrower than this

/// What is left for a last column that begins at `begin`; 0: no limit.
std::size_t room_from(std::size_t begin, const Screen& screen) {
    if (screen.width == 0) return 0;
    return screen.width > begin + narrowest ? screen.width - begin : narrowest;
}

std::string without_trailing_spaces(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace

void Table::add(std::vector<Cell> cells) {
    assert(cells.size() == headings_.size());
    rows_.push_back(std::move(cells));
}

std::string Table::text(const Screen& screen) const {
    const std::size_t last = headings_.size() - 1;
    std::vector<std::size_t> widths;
    std::size_t last_begins = gap * last;
    for (std::size_t i = 0; i < headings_.size(); ++i) {
        std::size_t width = columns_of(headings_[i].text);
        for (const auto& row : rows_) width = std::max(width, columns_of(row[i].text));
        widths.push_back(width);
        if (i < last) last_begins += width;
    }
    const std::size_t least = last_begins + std::min(widths[last], narrowest);
    if (screen.width > 0 && screen.width < least) return stacked(screen);
    const auto aligned = [&](std::size_t i, const std::string& cell) {
        if (headings_[i].align == Align::right) return padded_left(cell, widths[i]);
        return i == last ? cell : padded(cell, widths[i]);
    };

    std::string out;
    for (std::size_t i = 0; i <= last; ++i) {
        if (i > 0) out.append(gap, ' ');
        out += paint(screen, Ink::bold, aligned(i, headings_[i].text));
    }
    out += '\n';
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < last; ++i) {
            line += paint(screen, row[i].ink, aligned(i, row[i].text));
            line.append(gap, ' ');
        }
        for (const std::string& part : wrapped(row[last].text, room_from(last_begins, screen))) {
            line += paint(screen, row[last].ink, aligned(last, part));
            out += without_trailing_spaces(std::move(line)) + '\n';
            line = std::string(last_begins, ' ');
        }
    }
    return out;
}

std::string Table::stacked(const Screen& screen) const {
    std::string out;
    for (const auto& row : rows_) {
        if (!out.empty()) out += '\n';
        Facts facts;
        for (std::size_t i = 0; i < headings_.size(); ++i) {
            facts.add(headings_[i].text, row[i].text, row[i].ink);
        }
        out += facts.text(screen);
    }
    return out;
}

void Facts::add(std::string name, std::string text, Ink ink) {
    facts_.push_back({std::move(name), std::move(text), ink});
}

std::string Facts::text(const Screen& screen) const {
    std::size_t width = 0;
    for (const Fact& fact : facts_) width = std::max(width, columns_of(fact.name));
    const std::size_t begin = gap + width + gap;
    std::string out;
    for (const Fact& fact : facts_) {
        std::string label = fact.name;
        for (const std::string& part : wrapped(fact.text, room_from(begin, screen))) {
            out.append(gap, ' ');
            out += paint(screen, Ink::dim, padded(std::exchange(label, {}), width));
            out.append(gap, ' ');
            out += paint(screen, fact.ink, part) + '\n';
        }
    }
    return out;
}

}  // namespace tidemark::cli
