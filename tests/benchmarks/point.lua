-- Point look-ups for wrk: PATH BEFORE AFTER NUMBER RUN. The query is BEFORE, a number below NUMBER, AFTER, all of it
-- percent-encoded; where RUN is not empty, each request has a comment of its own, which begins with it.
local count = 0
local path, before, after, number, run

function init(args)
  path, before, after, number, run = args[1], args[2], args[3], tonumber(args[4]), args[5]
end

function request()
  count = count + 1
  local query = before .. (count % number) .. after
  if run ~= "" then
    query = query .. "%23%20" .. run .. "-" .. count .. "%0A"
  end
  return wrk.format("GET", path .. "query=" .. query)
end
