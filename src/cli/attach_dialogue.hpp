#pragma once

#include <string>

#include <tidemark/replica.hpp>

#include "cli/session.hpp"

namespace tidemark::cli {

/// What an attach has to know. What is empty is asked for.
struct AttachAnswers {
    std::string path;
    std::string primary;
    std::string token;   ///< for a primary behind a URL; empty: what is known, or none
    std::string backup;  ///< empty: none
    FirstMerge first_merge = FirstMerge::refuse;
    bool upload = false;     ///< what is here may go to an empty primary
    bool no_backup = false;  ///< do not offer one
    bool allow_plain_http = false;
    bool allow_copied_folder = false;
};

/// Explains what a primary is, asks for what is missing, tries the connection before anything is
/// saved, tells what is on both sides, and lets the person choose. Nothing but a token that works
/// is saved. Throws Error{choice_needed} where the person does not want to go on.
void converse(AttachAnswers& answers, const Session& session);

}  // namespace tidemark::cli
