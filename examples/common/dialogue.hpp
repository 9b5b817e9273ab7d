#pragma once

#include <string>
#include <string_view>

/// Questions to the person at the terminal. They are asked on stderr, so that stdout holds results
/// alone. The end of the input is tidemark::Error{choice_needed}.
namespace examples {

/// Whether somebody is there to answer.
bool is_interactive();

/// The answer without the blanks around it; `standard` where it is empty.
std::string ask(std::string_view question, const std::string& standard = {});
/// The same without showing what is typed.
std::string ask_secret(std::string_view question);
/// "question [Y/n]".
bool confirm(std::string_view question, bool standard);

}  // namespace examples
