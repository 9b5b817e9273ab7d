#include "cli/line_editor.hpp"

#include <editline/readline.h>

#include <cerrno>
#include <clocale>
#include <cstdlib>
#include <cstring>

#include <tidemark/error.hpp>

#include "base/private_file.hpp"

namespace tidemark::cli {
namespace {

constexpr int lines_kept = 1'000;

// The library calls back without any argument of ours.
LineEditor::Complete completion;
std::vector<std::string> candidates;

char* next_candidate(const char*, int state) {
    static std::size_t at = 0;
    at = state == 0 ? 0 : at + 1;
    return at < candidates.size() ? ::strdup(candidates[at].c_str()) : nullptr;
}

char** complete(const char* word, int, int end) {
    ::rl_attempted_completion_over = 1;  // never the names of files
    candidates = completion(std::string(::rl_line_buffer, static_cast<std::size_t>(end)), word);
    return candidates.empty() ? nullptr : ::rl_completion_matches(word, next_candidate);
}

}  // namespace

LineEditor::LineEditor(std::string history, Complete complete_with) : history_(std::move(history)) {
    std::setlocale(LC_CTYPE, "");
    completion = std::move(complete_with);
    static char name[] = "tidemark";
    ::rl_readline_name = name;
    ::rl_initialize();
    ::using_history();
    ::stifle_history(lines_kept);
    ::rl_attempted_completion_function = complete;
    try {
        if (!read_private(history_)) write_private(history_, "");
        ::read_history(history_.c_str());
    } catch (const Error&) {  // there is no past to go back to, and none will be kept
        history_.clear();
    }
}

LineEditor::~LineEditor() {
    if (!history_.empty()) ::write_history(history_.c_str());
    completion = {};
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
    errno = 0;
    char* line = ::readline(prompt.c_str());
    if (line == nullptr) return std::nullopt;
    std::string out = line;
    std::free(line);
    return out;
}

void LineEditor::remember(const std::string& line) {
    if (!line.empty()) ::add_history(line.c_str());
}

}  // namespace tidemark::cli
