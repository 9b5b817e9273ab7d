#include "sync/outlook.hpp"

#include <tidemark/replica.hpp>

#include "primary/file_endpoint.hpp"
#include "primary/locate.hpp"
#include "primary/primary.hpp"
#include "sqlite/transaction.hpp"
#include "sync/store.hpp"

namespace tidemark {
namespace {

bool is_file(const std::string& primary) { return !net::Url::is_one(primary); }

bool has_news(const std::string& path) {
    Connection connection(path);
    Transaction transaction(connection, Transaction::Kind::read);
    Store store(connection);
    const Meta meta = store.meta();
    if (!is_file(meta.primary)) return false;
    if (meta.state != state::ready) return true;
    const std::vector<Table> tables = store.tables();
    transaction.commit();
    FileEndpoint endpoint(meta.primary, false);
    const Head head = Primary(endpoint).head(meta.caller(), tables);
    return head.schema_moved || head.foreign || head.seq != meta.mark || head.nonce != meta.nonce;
}

}  // namespace

Outlook outlook_of(const std::string& path) {
    const Brief brief = Replica::open(path).brief();
    Outlook outlook{brief.pending, brief.pending > 0 || brief.schema_changed};
    if (!outlook.anything) outlook.anything = has_news(path);
    return outlook;
}

std::optional<net::Url> server_of(const std::string& path) {
    Connection connection(path);
    return Location::stored(Store(connection).meta().primary).url;
}

std::string primary_file_of(const std::string& path) {
    Connection connection(path);
    const std::string primary = Store(connection).meta().primary;
    return is_file(primary) ? primary : std::string();
}

}  // namespace tidemark
