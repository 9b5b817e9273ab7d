#pragma once

#include <string>

#include <tidemark/replica.hpp>

#include "merge/rule.hpp"

namespace tidemark::merge {

/// A parsed PolicyName.
struct Policy {
    enum class Kind { newest, primary, replica, column };
    Kind kind = Kind::newest;
    std::string column;  ///< with Kind::column

    /// Throws Error{usage} that names the policies there are.
    static Policy parse(const PolicyName& name);
};

/// The judge for one row under a policy. `column` is the position of Policy::column in the row.
/// The rows must outlive the judge.
Judge judge(const Policy& policy, std::size_t column, const Mine& mine, const Theirs& theirs);

}  // namespace tidemark::merge
