dofile(debug.getinfo(1).source:match("@(.*/)") .. "pipeline.lua")
wrk.body = pipeline('{"sql":"SELECT 1"}')
