wrk.method = "POST"
wrk.path = "/v2/pipeline"
wrk.headers["content-type"] = "application/json"
wrk.body = '{"requests":[{"type":"execute","stmt":{"sql":"SELECT 1"}}]}'
