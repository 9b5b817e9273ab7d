#include "merge/policy.hpp"

#include <tidemark/error.hpp>

namespace tidemark::merge {
namespace {

constexpr std::string_view column_prefix = "column:";

bool later_here(const Contest& contest) { return contest.here_at > contest.there_at; }

}  // namespace

Policy Policy::parse(const PolicyName& name) {
    if (name == "newest") return {Kind::newest, {}};
    if (name == "primary") return {Kind::primary, {}};
    if (name == "replica") return {Kind::replica, {}};
    if (name.starts_with(column_prefix) && name.size() > column_prefix.size()) {
        return {Kind::column, name.substr(column_prefix.size())};
    }
    throw Error(ErrorCode::usage, "there is no policy '" + name + "'",
                "Use newest (the later edit wins), primary, replica, or column:NAME.");
}

Judge judge(const Policy& policy, std::size_t column, const Mine& mine, const Theirs& theirs) {
    using Kind = Policy::Kind;
    if (policy.kind == Kind::primary) return [](const Contest&) { return false; };
    if (policy.kind == Kind::replica) return [](const Contest&) { return true; };
    if (policy.kind == Kind::newest) return later_here;
    const bool both = column < mine.values.size() && column < theirs.values.size();
    const int order = both ? compare(mine.values[column], theirs.values[column]) : 0;
    if (order != 0) return [order](const Contest&) { return order > 0; };
    return later_here;
}

}  // namespace tidemark::merge
