-- A pipeline of one statement. The official client ends its stream in the same request; tursodb's sync
-- server knows no `close`.
wrk.method = "POST"
wrk.path = "/v2/pipeline"
wrk.headers["content-type"] = "application/json"
local tail = os.getenv("BENCH_CLOSE") == "1" and ',{"type":"close"}]}' or "]}"

function pipeline(statement)
    return '{"requests":[{"type":"execute","stmt":' .. statement .. "}" .. tail
end
