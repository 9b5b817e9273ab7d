// memorygraph bench: what the operations cost in a plain SQLite file and in a replica of a primary.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <random>

#include <boost/json/serialize.hpp>

#include "memorygraph/commands.hpp"
#include "memorygraph/turso_backend.hpp"

namespace memorygraph {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t vocabulary = 20'000;
constexpr std::size_t per_transaction = 10'000;

/// Memories whose words are as frequent as in a language: the n-th word occurs 1/n as often as the
/// first one. The same memories and questions in every run.
class Author {
public:
    Author() {
        double sum = 0;
        for (std::size_t rank = 1; rank <= vocabulary; ++rank) {
            weights_.push_back(sum += 1.0 / static_cast<double>(rank));
        }
    }
    std::string words(std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += (i ? " " : "") + word();
        return text;
    }
    json::object memory() {
        return {{"title", words(5)}, {"content", words(40)}, {"summary", words(8)}};
    }
    Vector vector(std::size_t dimensions) {
        std::normal_distribution<float> normal;
        Vector vector(dimensions);
        for (float& number : vector) number = normal(random_);
        return vector;
    }
    std::size_t below(std::size_t count) { return random_() % count; }

private:
    std::string word() {
        std::uniform_real_distribution<double> anywhere(0, weights_.back());
        auto rank = static_cast<std::size_t>(
            std::lower_bound(weights_.begin(), weights_.end(), anywhere(random_)) -
            weights_.begin());
        std::string word;
        for (rank += 26; rank > 0; rank /= 26) word += static_cast<char>('a' + rank % 26);
        return word;
    }
    std::mt19937_64 random_{1};
    std::vector<double> weights_;
};

double ms_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    return took.count();
}

struct Cost {
    double p50_ms = 0;
    double p95_ms = 0;
};

Cost cost_of(std::size_t times, const std::function<void()>& work) {
    std::vector<double> took;
    for (std::size_t i = 0; i < times; ++i) took.push_back(ms_of(work));
    std::sort(took.begin(), took.end());
    return {took[times / 2], took[times * 95 / 100]};
}

struct Result {
    const char* what;
    Cost cost;
};

std::vector<Result> measure(GraphBackend& backend, std::size_t memories, std::size_t dimensions) {
    const std::size_t times = std::min<std::size_t>(200, memories / 2);
    Author author;
    Memories graph(backend);
    std::vector<std::string> ids;
    const double filled_ms = ms_of([&] {
        while (ids.size() < memories) {
            backend.transaction([&] {
                for (std::size_t i = 0; i < per_transaction && ids.size() < memories; ++i) {
                    ids.push_back(std::to_string(ids.size()));
                    backend.execute_query(
                        "INSERT INTO nodes(id, label, properties) VALUES (?, 'Memory', ?)",
                        Row{ids.back(), json::serialize(author.memory())}, true);
                    backend.execute_query("INSERT INTO embeddings(node_id, vector) VALUES (?, ?)",
                                          Row{ids.back(), to_blob(author.vector(dimensions))},
                                          true);
                    if (ids.size() < 2) continue;
                    const std::string& other = ids[author.below(ids.size() - 1)];
                    backend.execute_query(
                        "INSERT INTO relationships VALUES (?, ?, ?, 'FOLLOWS', '{}', NULL)",
                        Row{ids.back() + ">", ids.back(), other}, true);
                }
            });
        }
    });
    const double each_ms = filled_ms / static_cast<double>(memories);
    std::vector<Result> results{{"store, 10,000 in a transaction", {each_ms, each_ms}}};
    const auto add = [&](const char* what, std::size_t how_often,
                         const std::function<void()>& work) {
        results.push_back({what, cost_of(how_often, work)});
    };
    add("store", times, [&] { graph.store(author.memory()); });
    add("get", times, [&] { graph.get(ids[author.below(ids.size())]); });
    add("search, one word", times, [&] { graph.search(author.words(1)); });
    add("search, three words", times, [&] { graph.search(author.words(3)); });
    add("embeddings read for the first search", 1,
        [&] { graph.nearest(author.vector(dimensions), Metric::cosine); });
    add("search, nearest by cosine", times,
        [&] { graph.nearest(author.vector(dimensions), Metric::cosine); });
    add("search, nearest by l2", times,
        [&] { graph.nearest(author.vector(dimensions), Metric::l2); });
    add("related, depth 2", times, [&] {
        graph.related(ids[author.below(ids.size())], {Reach::Direction::both, {}, 2, 100});
    });
    add("path, depth 6", times, [&] {
        graph.paths(ids[author.below(ids.size())], ids[author.below(ids.size())],
                    {Reach::Direction::both, {}, 6, 1});
    });
    return results;
}

/// A folder for the databases, gone at the end.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "memorygraph-XXXXXX").string();
        if (!::mkdtemp(name.data())) {
            throw tidemark::Error(tidemark::ErrorCode::failed, "cannot make the folder " + name);
        }
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string operator/(const char* name) const { return (path_ / name).string(); }

private:
    fs::path path_;
};

struct Size {
    std::size_t memories = 100'000;
    std::size_t dimensions = 384;
    std::size_t runs = 1;
};

using Results = std::vector<Result>;

/// A plain file and a replica, in this order.
std::pair<Results, Results> one_run(const Session& session, const Size& size) {
    const Folder folder;
    SqliteBackend plain(folder / "plain.db", session.log());
    plain.connect();
    plain.initialize_schema();
    Results alone = measure(plain, size.memories, size.dimensions);
    plain.disconnect();

    TursoOptions options{folder / "replica.db", folder / "primary.db", {}, false};
    TursoBackend replica(options, session.log());
    replica.connect();
    replica.initialize_schema();
    Results attached = measure(replica, size.memories, size.dimensions);
    attached.push_back({"first sync of everything", {ms_of([&] { replica.sync(); }), 0}});
    Memories graph(replica);
    attached.push_back(
        {"sync of one new memory", cost_of(std::min<std::size_t>(100, size.memories / 2), [&] {
             graph.store({{"title", "x"}, {"content", "y"}});
             replica.sync();
         })});
    return {std::move(alone), std::move(attached)};
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Each figure by itself.
Results medians(const std::vector<Results>& runs) {
    Results out = runs.at(0);
    for (std::size_t i = 0; i < out.size(); ++i) {
        std::vector<double> p50, p95;
        for (const Results& run : runs) {
            p50.push_back(run[i].cost.p50_ms);
            p95.push_back(run[i].cost.p95_ms);
        }
        out[i].cost = {median(p50), median(p95)};
    }
    return out;
}

void bench(const Session& session, const Size& size) {
    std::vector<Results> plain, replica;
    for (std::size_t i = 0; i < size.runs; ++i) {
        auto [alone, attached] = one_run(session, size);
        plain.push_back(std::move(alone));
        replica.push_back(std::move(attached));
    }
    const Results alone = medians(plain), attached = medians(replica);

    std::string text = fmt::format("{:<38}{:>20}{:>20}\n{:<38}{:>10}{:>10}{:>10}{:>10}\n", "",
                                   "plain SQLite", "replica", "ms", "p50", "p95", "p50", "p95");
    json::array rows;
    for (std::size_t i = 0; i < attached.size(); ++i) {
        const Cost& there = attached[i].cost;
        json::object row{{"what", attached[i].what}, {"replica", {there.p50_ms, there.p95_ms}}};
        text += fmt::format("{:<38}", attached[i].what);
        if (i < alone.size()) {
            row["plain"] = {alone[i].cost.p50_ms, alone[i].cost.p95_ms};
            text += fmt::format("{:>10.3f}{:>10.3f}", alone[i].cost.p50_ms, alone[i].cost.p95_ms);
        } else {
            text += fmt::format("{:>20}", "");
        }
        text += fmt::format("{:>10.3f}{:>10.3f}\n", there.p50_ms, there.p95_ms);
        rows.push_back(std::move(row));
    }
    session.give({{"memories", size.memories},
                  {"dimensions", size.dimensions},
                  {"runs", size.runs},
                  {"rows", std::move(rows)}},
                 text);
}

}  // namespace

void add_bench_command(CLI::App& app, Session& session) {
    CLI::App& command = *app.add_subcommand(
        "bench", "Measure the operations in a temporary folder, beside plain SQLite");
    auto size = std::make_shared<Size>();
    const auto add = [&](const char* option, std::size_t& number, const char* description) {
        command.add_option(option, number, description)
            ->check(CLI::PositiveNumber)
            ->capture_default_str();
    };
    add("--memories", size->memories, "How many");
    add("--dimensions", size->dimensions, "Of each embedding");
    add("--runs", size->runs, "Measure so often, and print the medians");
    command.callback([&session, size] { bench(session, *size); });
}

}  // namespace memorygraph
