// memorygraph store, show, update, delete, list, search, query

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

#include "memorygraph/commands.hpp"
#include "memorygraph/json_view.hpp"

namespace memorygraph {
namespace {

namespace json = boost::json;
using tidemark::Error;
using tidemark::ErrorCode;

std::string title(const Node& node) {
    const json::value* title = node.properties.if_contains("title");
    return title && title->is_string() ? std::string(title->as_string()) : "(no title)";
}

std::string whole(const Node& node) {
    std::string out = fmt::format("{}  {}\n", node.id, title(node));
    for (const auto& [name, value] : node.properties) {
        if (name == "title") continue;
        out += fmt::format(
            "  {:<10} {}\n", std::string_view(name),
            value.is_string() ? std::string(value.as_string()) : json::serialize(value));
    }
    return out + fmt::format("  {:<10} {}\n  {:<10} {}\n", "created", node.created_at, "updated",
                             node.updated_at);
}

json::value json_option(const std::string& option, const std::string& text) {
    boost::system::error_code error;
    json::value value = json::parse(text, error);
    if (!error) return value;
    throw Error(ErrorCode::usage, option + " must be JSON", "Write it in 'single quotes'.");
}

/// The options that say what a memory holds.
struct Content {
    std::string title, content, summary, type, embedding;
    std::vector<std::string> tags, properties;

    void add_to(CLI::App& command) {
        command.add_option("--content", content, "What to remember");
        command.add_option("--summary", summary, "The same in one sentence");
        command.add_option("--type", type, "Such as solution, problem, decision");
        command.add_option("--tag", tags, "A tag; may be given repeatedly")
            ->allow_extra_args(false);
        command.add_option("--set", properties, "NAME=JSON: any other property; may be repeated")
            ->type_name("NAME=JSON")
            ->allow_extra_args(false);
        command.add_option("--embedding", embedding, "A JSON array of numbers")->type_name("JSON");
    }

    json::object given() const {
        json::object object;
        if (!title.empty()) object["title"] = title;
        if (!content.empty()) object["content"] = content;
        if (!summary.empty()) object["summary"] = summary;
        if (!type.empty()) object["type"] = type;
        if (!tags.empty()) object["tags"] = json::value_from(tags);
        for (const std::string& property : properties) {
            const std::size_t equals = property.find('=');
            if (equals == std::string::npos || equals == 0) {
                throw Error(ErrorCode::usage, "--set cannot be '" + property + "'",
                            "Write --set NAME=JSON.");
            }
            object[property.substr(0, equals)] =
                json_option("--set " + property.substr(0, equals), property.substr(equals + 1));
        }
        return object;
    }
    Vector vector() const {
        return embedding.empty() ? Vector() : vector_from(json_option("--embedding", embedding));
    }
};

void add_store(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand("store", "Remember something; prints its id");
    auto content = std::make_shared<Content>();
    command.add_option("TITLE", content->title, "What it is about")->required();
    content->add_to(command);
    command.callback([&session, content] {
        const std::string id = session.memories().store(content->given(), content->vector());
        session.give({{"id", id}}, id + "\n");
    });
}

void add_update(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand("update", "Change a memory; what is not given stays");
    auto content = std::make_shared<Content>();
    auto id = std::make_shared<std::string>();
    command.add_option("ID", *id)->required();
    command.add_option("--title", content->title, "What it is about");
    content->add_to(command);
    command.callback([&session, content, id] {
        session.memories().update(*id, content->given(), content->vector());
        const Node node = *session.memories().get(*id);
        session.give(to_json(node), whole(node));
    });
}

void add_show(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand("show", "One memory");
    auto id = std::make_shared<std::string>();
    command.add_option("ID", *id)->required();
    command.callback([&session, id] {
        const auto node = session.memories().get(*id);
        if (!node) throw Error(ErrorCode::failed, "there is no memory " + *id);
        session.give(to_json(*node), whole(*node));
    });
}

void add_delete(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand("delete", "Forget a memory and its relationships");
    auto id = std::make_shared<std::string>();
    command.add_option("ID", *id)->required();
    command.callback([&session, id] {
        if (!session.memories().remove(*id)) {
            throw Error(ErrorCode::failed, "there is no memory " + *id);
        }
        session.give({{"deleted", *id}}, "Deleted " + *id + ".\n");
    });
}

void add_selection(CLI::App& command, SearchOptions& options) {
    command.add_option("--label", options.label, "Only nodes of this label, such as Memory");
    command.add_option("--limit", options.limit, "At most so many")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
}

void add_list(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand("list", "The memories, the newest first");
    auto options = std::make_shared<SearchOptions>();
    add_selection(command, *options);
    command.callback([&session, options] {
        const std::vector<Node> nodes = session.memories().list(*options);
        std::string text;
        for (const Node& node : nodes) {
            text += fmt::format("{}  {}  {}\n", node.id, node.created_at, title(node));
        }
        session.give({{"memories", to_json(nodes)}}, text);
    });
}

void add_search(CLI::App& app, Session& session) {
    CLI::App& command =
        *app.add_subcommand("search", "Find memories by words, or by the nearest embeddings");
    auto words = std::make_shared<std::string>();
    auto near = std::make_shared<std::string>();
    auto metric = std::make_shared<std::string>("cosine");
    auto options = std::make_shared<SearchOptions>();
    command.add_option("WORDS", *words,
                       "Words, \"a phrase\" or a begin*; all must occur, or else any");
    command.add_option("--near", *near, "A JSON array of numbers: what is nearest to it")
        ->type_name("JSON");
    command.add_option("--metric", *metric, "cosine or l2")
        ->check(CLI::IsMember({"cosine", "l2"}))
        ->capture_default_str();
    add_selection(command, *options);
    command.callback([&session, words, near, metric, options] {
        if (words->empty() == near->empty()) {
            throw Error(ErrorCode::usage, "search takes either words or --near");
        }
        const std::vector<Found> found =
            near->empty() ? session.memories().search(*words, *options)
                          : session.memories().nearest(
                                vector_from(json_option("--near", *near)),
                                *metric == "l2" ? Metric::l2 : Metric::cosine, options->limit);
        std::string text;
        for (const Found& one : found) {
            text += fmt::format("{}  {:6.3f}  {}\n", one.node.id, one.score, title(one.node));
            if (!one.snippet.empty()) text += fmt::format("    {}\n", one.snippet);
        }
        if (found.empty()) text = "Nothing found.\n";
        session.give({{"memories", to_json(found)}}, text);
    });
}

void add_query(CLI::App& app, Session& session) {
    CLI::App& command =
        *app.add_subcommand("query", "Run a SQL statement; one record on each line");
    auto sql = std::make_shared<std::string>();
    auto parameters = std::make_shared<std::vector<std::string>>();
    auto write = std::make_shared<bool>(false);
    command.add_option("SQL", *sql, "With ? for each --param")->required();
    command.add_option("--param", *parameters, "A text for the next ?; may be repeated")
        ->allow_extra_args(false);
    command.add_flag("--write", *write, "The statement may change something");
    command.callback([&session, sql, parameters, write] {
        Row row(parameters->begin(), parameters->end());
        const Records records = session.backend().execute_query(*sql, row, *write);
        std::string text;
        for (const Record& record : records) text += json::serialize(to_json(record)) + "\n";
        session.give({{"records", to_json(records)}}, text);
    });
}

}  // namespace

void add_memory_commands(CLI::App& app, Session& session) {
    add_store(app, session);
    add_search(app, session);
    add_list(app, session);
    add_show(app, session);
    add_update(app, session);
    add_delete(app, session);
    add_query(app, session);
}

}  // namespace memorygraph
