-- A row by its key, at random, of a table with a million rows.
dofile(debug.getinfo(1).source:match("@(.*/)") .. "pipeline.lua")
local rows = tonumber(os.getenv("BENCH_ROWS")) or 1000000
local before, after = pipeline('{"sql":"SELECT a, b FROM bench_rows WHERE id = ?",' ..
    '"args":[{"type":"integer","value":"KEY"}]}'):match("(.*)KEY(.*)")

function request()
    return wrk.format(nil, nil, nil, before .. math.random(1, rows) .. after)
end
