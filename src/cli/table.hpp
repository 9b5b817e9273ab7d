#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/terminal.hpp"

namespace tidemark::cli {

/// Columns side by side, two spaces apart, under a line of headings. On a terminal the last column
/// is wrapped to what the width leaves; where that is too little, the rows stand one below another.
class Table {
public:
    enum class Align { left, right };
    struct Heading {
        std::string text;
        Align align = Align::left;
    };
    struct Cell {
        std::string text;  ///< printable
        Ink ink = Ink::plain;
    };

    explicit Table(std::vector<Heading> headings) : headings_(std::move(headings)) {}
    /// As many cells as there are headings.
    void add(std::vector<Cell> cells);
    bool empty() const { return rows_.empty(); }
    std::string text(const Screen& screen) const;

private:
    std::string stacked(const Screen& screen) const;

    std::vector<Heading> headings_;
    std::vector<std::vector<Cell>> rows_;
};

/// "  Name       text" lines with the texts aligned and wrapped.
class Facts {
public:
    void add(std::string name, std::string text, Ink ink = Ink::plain);
    std::string text(const Screen& screen) const;

private:
    struct Fact {
        std::string name;
        std::string text;
        Ink ink;
    };
    std::vector<Fact> facts_;
};

}  // namespace tidemark::cli
