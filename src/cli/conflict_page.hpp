#pragma once

#include <string>
#include <string_view>

#include <tidemark/conflict.hpp>

#include "cli/terminal.hpp"

namespace tidemark::cli {

/// Both sides of a conflict, column by column; values that lost are marked "-", and those that were
/// kept in their place "+". Long values are cut to the screen unless `whole`; of two long texts the
/// part where they begin to differ is shown.
std::string conflict_page(const Conflict& conflict, const Screen& screen, bool whole,
                          std::string_view path);

}  // namespace tidemark::cli
