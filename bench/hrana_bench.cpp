// What a request costs the server before and after SQLite: reading one pipeline and writing its
// answer. Boost.JSON is there to compare with; it only builds its own tree.

#include <benchmark/benchmark.h>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>

#include "hrana/json.hpp"
#include "hrana/protobuf.hpp"

namespace tidemark::hrana {
namespace {

constexpr std::string_view one_row_request =
    R"({"requests":[{"type":"execute","stmt":{"sql":"SELECT id, title, body, done FROM notes WHERE id = ?","args":[{"type":"integer","value":"12345"}],"named_args":[],"want_rows":true}},{"type":"close"}]})";

std::string batch_request() {
    CursorReq request;
    for (int i = 0; i < 100; ++i) {
        Stmt stmt;
        stmt.sql.sql = "INSERT INTO notes(id, title, body, x) VALUES (?, ?, ?, ?)";
        stmt.args = {std::int64_t{i}, "title " + std::to_string(i),
                     std::string("some text that a person has written"), i / 3.0};
        request.batch.steps.push_back({std::nullopt, std::move(stmt)});
    }
    std::string out;
    json::write(out, request);
    return out;
}

PipelineResp answer(int rows) {
    StmtResult result;
    for (const char* name : {"id", "title", "body", "x"}) result.cols.push_back({name, "TEXT"});
    for (int i = 0; i < rows; ++i) {
        result.rows.push_back({std::int64_t{i}, "title " + std::to_string(i),
                               std::string("some text that a person has written"), i / 3.0});
    }
    return {std::nullopt, std::nullopt, {StreamResponse(ExecuteResp{std::move(result)})}};
}

void read_pipeline(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(json::read_pipeline_req(one_row_request));
}
BENCHMARK(read_pipeline)->Name("hrana, read a request of one statement");

void read_batch(benchmark::State& state) {
    const std::string text = batch_request();
    for (auto _ : state) benchmark::DoNotOptimize(json::read_cursor_req(text));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(read_batch)->Name("hrana, read a batch of 100 statements");

void boost_tree(benchmark::State& state, const std::string& text) {
    for (auto _ : state) {
        unsigned char buffer[16'384];
        boost::json::monotonic_resource memory(buffer);
        boost::json::parser parser(&memory);
        parser.write(text.data(), text.size());
        benchmark::DoNotOptimize(parser.release());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(boost_tree, one, std::string(one_row_request))
    ->Name("Boost.JSON, a tree of the request of one statement");
BENCHMARK_CAPTURE(boost_tree, batch, batch_request())
    ->Name("Boost.JSON, a tree of the batch of 100 statements");

template <typename Write>
void write_answer(benchmark::State& state, int rows, Write write) {
    const PipelineResp response = answer(rows);
    std::int64_t bytes = 0;
    for (auto _ : state) {
        std::string out;
        write(out, response);
        bytes += static_cast<std::int64_t>(out.size());
        benchmark::DoNotOptimize(out);
    }
    state.SetBytesProcessed(bytes);
}

void in_json(std::string& out, const PipelineResp& response) { json::write(out, response); }
void in_protobuf(std::string& out, const PipelineResp& response) { protobuf::write(out, response); }

BENCHMARK_CAPTURE(write_answer, one, 1, in_json)->Name("hrana, write an answer of one row");
BENCHMARK_CAPTURE(write_answer, many, 1'000, in_json)->Name("hrana, write an answer of 1,000 rows");
BENCHMARK_CAPTURE(write_answer, protobuf, 1'000, in_protobuf)
    ->Name("hrana, write an answer of 1,000 rows, protobuf");

}  // namespace
}  // namespace tidemark::hrana
