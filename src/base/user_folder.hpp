#pragma once

#include <string>

/// Where this user's files of Tidemark lie. Nothing is created here.
namespace tidemark {

/// $XDG_CONFIG_HOME/tidemark, usually ~/.config/tidemark: settings and credentials.
/// Throws Error{failed} where neither a home nor that variable is set.
std::string config_folder();

/// $XDG_STATE_HOME/tidemark, usually ~/.local/state/tidemark: the shell's history.
std::string state_folder();

}  // namespace tidemark
