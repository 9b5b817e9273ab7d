wrk.method = "POST"
wrk.path = "/v2/pipeline"
wrk.headers["content-type"] = "application/json"
wrk.body = '{"requests":[{"type":"execute","stmt":{"sql":"INSERT INTO bench_writes(a, b) VALUES (?, ?)",' ..
    '"args":[{"type":"integer","value":"42"},{"type":"text","value":"a line of text of some length"}]}}]}'
