dofile(debug.getinfo(1).source:match("@(.*/)") .. "pipeline.lua")
wrk.body = pipeline('{"sql":"INSERT INTO bench_writes(a, b) VALUES (?, ?)","args":[' ..
    '{"type":"integer","value":"42"},{"type":"text","value":"a line of text of some length"}]}')
