-- A registry that has every tag of every repository: an image whose manifest
-- names repository and tag, so that no two are the same, made anew for each
-- request.  A blob is the image's config, or else its layer, 1 KB of x.

local ffi = require "ffi"

ffi.cdef [[
    unsigned char *SHA256(const unsigned char *d, size_t n,
                          unsigned char *md);
]]

local MANIFEST = "application/vnd.oci.image.manifest.v1+json"
local CONFIG = "application/vnd.oci.image.config.v1+json"
local LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

local LAYER_TEXT = ("x"):rep(1024)

local sum = ffi.new("unsigned char[32]")
local configs = {}
local asked = {}

local source = {}


function source.digest(text)
    ffi.C.SHA256(text, #text, sum)

    return "sha256:" .. ffi.string(sum, 32):gsub(".", function (c)
        return ("%02x"):format(c:byte())
    end)
end


local layer = source.digest(LAYER_TEXT)


local function config(arch)
    local variant = arch == "arm" and '"variant":"v7",' or ""
    local text = '{"architecture":"' .. arch .. '",' .. variant
                 .. '"os":"linux","config":{},"rootfs":{"type":"layers",'
                 .. '"diff_ids":["sha256:' .. ("0"):rep(64) .. '"]}}'

    return { text = text, digest = source.digest(text) }
end


for _, arch in ipairs({ "amd64", "arm" }) do
    configs[arch] = config(arch)
end


local function manifest(arch, name, tag)
    local c = configs[arch]

    return '{"schemaVersion":2,"mediaType":"' .. MANIFEST .. '","config":'
           .. '{"mediaType":"' .. CONFIG .. '","digest":"' .. c.digest
           .. '","size":' .. #c.text .. '},"layers":[{"mediaType":"' .. LAYER
           .. '","digest":"' .. layer .. '","size":' .. #LAYER_TEXT .. '}],'
           .. '"annotations":{"name":"' .. name .. '","tag":"' .. tag
           .. '"}}'
end


local function count(arch, what)
    local key = arch .. " " .. what

    asked[key] = (asked[key] or 0) + 1
end


local function send(kind, text, digest)
    ngx.header["Content-Type"] = kind
    ngx.header["Content-Length"] = #text
    ngx.header["Docker-Content-Digest"] = digest

    if ngx.req.get_method() ~= "HEAD" then
        ngx.print(text)
    end
end


-- What is spelled TAG.none... is nowhere; nothing is kept by digest.

local function send_manifest(arch, name, reference)
    if reference:find(".none", 1, true) or reference:find(":", 1, true) then
        return ngx.exit(404)
    end

    local text = manifest(arch, name, reference)

    count(arch, reference)

    return send(MANIFEST, text, source.digest(text))
end


-- How often the manifest of ?tag= was asked for, or "HEAD" of a blob.

function source.asked(arch)
    ngx.say(asked[arch .. " " .. ngx.var.arg_tag] or 0)
end


function source.serve(arch, ms)
    if ms > 0 then
        ngx.sleep(ms / 1000)
    end

    local name, kind, reference
        = ngx.var.uri:match("^/v2/(.+)/(%l+)/([^/]+)$")

    if kind == "manifests" then
        return send_manifest(arch, name, reference)
    end

    if kind ~= "blobs" then
        return ngx.exit(404)
    end

    if ngx.req.get_method() == "HEAD" then
        count(arch, "HEAD")
    end

    if reference == configs[arch].digest then
        return send("application/octet-stream", configs[arch].text, reference)
    end

    return send("application/octet-stream", LAYER_TEXT, reference)
end


return source
