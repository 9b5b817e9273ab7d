#include "memorygraph/match.hpp"

#include <algorithm>
#include <cctype>

namespace memorygraph {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

/// Whether the tokenizer of FTS5 finds a word in it. Bytes of UTF-8 beyond ASCII count.
bool has_word(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;
    });
}

}  // namespace

std::vector<std::string> search_terms(std::string_view typed) {
    std::vector<std::string> terms;
    std::size_t at = 0;
    while (at < typed.size()) {
        if (is_space(typed[at])) {
            ++at;
            continue;
        }
        const bool phrase = typed[at] == '"';
        if (phrase) ++at;
        std::size_t end = at;
        while (end < typed.size() && typed[end] != '"' && (phrase || !is_space(typed[end]))) ++end;
        std::string_view word = typed.substr(at, end - at);
        at = phrase && end < typed.size() ? end + 1 : end;
        const bool beginning = !phrase && word.ends_with('*');
        if (beginning) word.remove_suffix(1);
        if (has_word(word)) terms.push_back('"' + std::string(word) + (beginning ? "\"*" : "\""));
    }
    return terms;
}

}  // namespace memorygraph
