-- The module's job as a script for nginx's Lua module would do it: a list by
-- tag from a shared dictionary, or asked for and built.  No part of the
-- product; the bench compares with it.  It does less: one list type, images
-- only, no store, no auth, and no requests are brought together.

local source = require "source"

local LIST = "application/vnd.oci.image.index.v1+json"

local lists = {}


-- 1 if the client takes "kind": named with q > 0, or covered by a wildcard
-- and not named with q=0, or no Accept was seen.

local function line_takes(line, kind)
    local any, named

    for range in line:gmatch("[^,]+") do
        local name, params = range:match("^%s*([^;%s]+)%s*;?(.*)$")
        local q = 1

        if params and params ~= "" then
            q = tonumber(params:match("[qQ]%s*=%s*([%d.]+)") or 1)
        end

        if name == kind then
            named = q > 0

        elseif (name == "*/*" or name == "application/*") and q > 0 then
            any = true
        end
    end

    return named, any
end


local function takes(accept, kind)
    local named, any

    if accept == nil then
        return true
    end

    if type(accept) == "string" then
        accept = { accept }
    end

    for _, line in ipairs(accept) do
        local n, a = line_takes(line, kind)

        if n ~= nil then
            named = n
        end

        any = any or a
    end

    if named == nil then
        return any
    end

    return named
end


local function child(location, name, tag)
    local answer = ngx.location.capture(location .. "/v2/" .. name
                                        .. "/manifests/" .. tag)

    if answer.status ~= 200 then
        return nil
    end

    local config = answer.body:match('"config":{.-"digest":"(sha256:%x+)"')
    local blob = ngx.location.capture(location .. "/v2/" .. name .. "/blobs/"
                                      .. config)
    local variant = blob.body:match('"variant":"(%w+)"')

    return '{"mediaType":"' .. answer.header["Content-Type"]
           .. '","size":' .. #answer.body
           .. ',"digest":"' .. answer.header["Docker-Content-Digest"]
           .. '","platform":{"architecture":"'
           .. blob.body:match('"architecture":"(%w+)"')
           .. '","os":"' .. blob.body:match('"os":"(%w+)"') .. '"'
           .. (variant and ',"variant":"' .. variant .. '"' or "") .. "}}"
end


local function build(locations, name, tag)
    local children = {}

    for i, location in ipairs(locations) do
        children[i] = child(location, name, tag)
    end

    return '{"schemaVersion":2,"mediaType":"' .. LIST .. '","manifests":['
           .. table.concat(children, ",") .. "]}"
end


-- What the sources hold: equal if nothing has changed.

local function observe(locations, name, tag)
    local requests = {}
    local head = { method = ngx.HTTP_HEAD }

    for i, location in ipairs(locations) do
        requests[i] = { location .. "/v2/" .. name .. "/manifests/" .. tag,
                        head }
    end

    local answers = { ngx.location.capture_multi(requests) }
    local digests = {}

    for i, answer in ipairs(answers) do
        if answer.status ~= 200 and answer.status ~= 404 then
            return nil
        end

        digests[i] = answer.header["Docker-Content-Digest"] or "-"
    end

    return table.concat(digests, " ")
end


local function send(body, digest)
    ngx.header["Content-Type"] = LIST
    ngx.header["Content-Length"] = #body
    ngx.header["Vary"] = "Accept"
    ngx.header["Docker-Distribution-Api-Version"] = "registry/2.0"
    ngx.header["Docker-Content-Digest"] = digest
    ngx.header["ETag"] = '"' .. digest .. '"'

    if ngx.req.get_method() ~= "HEAD" then
        ngx.print(body)
    end
end


function lists.serve(locations, valid)
    local name, tag = ngx.var.uri:match("^/v2/(.+)/manifests/([%w_][%w_.-]*)$")

    if name == nil or not takes(ngx.req.get_headers()["Accept"], LIST) then
        return ngx.exit(404)
    end

    local key = name .. ":" .. tag
    local tags, kept = ngx.shared.tags, ngx.shared.lists
    local digest = valid > 0 and tags:get(key)
    local body = digest and kept:get(digest)

    if body then
        return send(body, digest)
    end

    local seen = observe(locations, name, tag)

    if seen == nil then
        return ngx.exit(502)
    end

    digest = tags:get(key .. " " .. seen)
    body = digest and kept:get(digest)

    if body == nil then
        body = build(locations, name, tag)
        digest = source.digest(body)
        kept:set(digest, body)
        tags:set(key .. " " .. seen, digest)
    end

    if valid > 0 then
        tags:set(key, digest, valid)
    end

    return send(body, digest)
end


return lists
