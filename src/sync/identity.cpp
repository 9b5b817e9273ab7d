#include "sync/identity.hpp"

#include <tidemark/error.hpp>

#include "primary/ledger.hpp"

namespace tidemark {

void require_known_format(std::int64_t format, const std::string& primary) {
    if (format <= ledger::format) return;
    throw Error(ErrorCode::failed,
                "the primary " + primary + " has a newer format (" + std::to_string(format) +
                    ") than this Tidemark knows",
                "Upgrade Tidemark on this device; edits are still being collected meanwhile.");
}

Identity judge_identity(const Meta& meta, const Head& head, const std::string& primary) {
    require_known_format(head.format, primary);
    if (head.lineage != meta.lineage) {
        throw Error(ErrorCode::choice_needed,
                    "the primary at " + primary + " is not the one that this replica belongs to",
                    "If it was replaced on purpose: 'tidemark detach' this file, then 'tidemark "
                    "attach' it again with --merge, --keep-local or --keep-primary.");
    }
    if (!head.uploader.empty() && head.uploader != meta.replica) {
        throw Error(ErrorCode::failed, "the first upload to " + primary + " is not finished",
                    "Finish it with 'tidemark sync' on the device that began it.");
    }
    // In any other state there is no mark to speak of.
    const bool marked = state::marked(meta.state) && meta.state != state::returning;
    if (marked && head.nonce_at_mark != meta.nonce) {
        return meta.mark < head.pruned ? Identity::away_too_long : Identity::primary_restored;
    }
    if (head.pushes == meta.pushes) return Identity::as_known;
    if (head.pushes == meta.pushes + 1 && head.took_intent) return Identity::push_arrived;
    return Identity::copied;
}

}  // namespace tidemark
