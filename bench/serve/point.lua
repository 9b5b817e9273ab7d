-- A row by its key, at random, of a table with a million rows.
wrk.method = "POST"
wrk.path = "/v2/pipeline"
wrk.headers["content-type"] = "application/json"
local head = '{"requests":[{"type":"execute","stmt":{"sql":"SELECT a, b FROM bench_rows WHERE id = ?",' ..
    '"args":[{"type":"integer","value":"'
function request()
    return wrk.format(nil, nil, nil, head .. math.random(1, 1000000) .. '"}]}}]}')
end
