-- Documents for wrk: FILE ACCEPT RUN. Each line of the file is a path, with a tab and an entity tag behind it where the
-- request is to be conditional. Where RUN is not empty, each request has a parameter of its own in Accept, which begins with it.
local count, paths, tags = 0, {}, {}
local accept, run

function init(args)
  for line in io.lines(args[1]) do
    local path, tag = line:match("^([^\t]*)\t?(.*)$")
    paths[#paths + 1], tags[#tags + 1] = path, tag
  end
  accept, run = args[2], args[3]
end

function request()
  count = count + 1
  local place = count % #paths + 1
  local headers = { Accept = accept }
  if run ~= "" then
    headers["Accept"] = accept .. ";n=" .. run .. "-" .. count
  end
  if tags[place] ~= "" then
    headers["If-None-Match"] = tags[place]
  end
  return wrk.format("GET", paths[place], headers)
end
