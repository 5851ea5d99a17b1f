-- One value of SIZE bytes, put again and again under one key.
local size = tonumber(os.getenv("SIZE"))
local value = string.rep("QUJD", math.floor(size / 3)) -- base64 of "ABC"
local body = '{"key":"YmxvY2s=","value":"' .. value .. '"}'
wrk.method = "POST"
wrk.body = body
wrk.headers["Content-Type"] = "application/json"
