/*
 * What a file of the store says, strictly: what is not exactly as it was
 * written is damaged.  It owns the form of the header.  It touches no file
 * and never logs.  Called by store_list only.
 */

#include "ngx_http_mlist_store_text.h"


#define NGX_HTTP_MLIST_STORE_FIRST_LINE  "mlist-list 1"


/* The lines of a header. */
typedef struct {
    ngx_str_t  first;
    ngx_str_t  name;
    ngx_str_t  type;
    ngx_str_t  digest;
    ngx_str_t  size;
    ngx_str_t  platforms;
    ngx_str_t  empty;
} ngx_http_mlist_store_lines_t;


static ngx_int_t ngx_http_mlist_store_text_lines(ngx_str_t *rest,
    ngx_http_mlist_store_lines_t *lines);
static ngx_int_t ngx_http_mlist_store_text_line(ngx_str_t *rest,
    const char *key, ngx_str_t *value);
static ngx_int_t ngx_http_mlist_store_text_type(ngx_str_t *value,
    mlist_media_e *type);
static ngx_int_t ngx_http_mlist_store_text_verify(ngx_http_mlist_doc_t *doc,
    ngx_http_mlist_store_problem_t *problem);
static ngx_int_t ngx_http_mlist_store_text_problem(
    ngx_http_mlist_store_problem_t *problem, const char *what,
    ngx_str_t expected, ngx_str_t seen);
static ngx_uint_t ngx_http_mlist_store_text_same(ngx_str_t *a, ngx_str_t *b);
static ngx_uint_t ngx_http_mlist_store_text_plain(ngx_str_t *s);


ngx_int_t
ngx_http_mlist_store_text_head(ngx_pool_t *pool, ngx_str_t *name,
    ngx_http_mlist_doc_t *doc, ngx_str_t *head)
{
    u_char  *last;

    if (!ngx_http_mlist_store_text_plain(name)
        || !ngx_http_mlist_store_text_plain(&doc->platforms))
    {
        return NGX_DECLINED;
    }

    head->data = ngx_pnalloc(pool, NGX_HTTP_MLIST_STORE_HEAD_MAX);
    if (head->data == NULL) {
        return NGX_ERROR;
    }

    last = ngx_snprintf(head->data, NGX_HTTP_MLIST_STORE_HEAD_MAX,
                        NGX_HTTP_MLIST_STORE_FIRST_LINE "\n"
                        "name: %V\n"
                        "type: %s\n"
                        "digest: %V\n"
                        "size: %uz\n"
                        "platforms: %V\n"
                        "\n",
                        name, mlist_media_text(doc->type), &doc->digest,
                        doc->body.len, &doc->platforms);

    head->len = last - head->data;

    /* full is as good as cut */

    return (head->len < NGX_HTTP_MLIST_STORE_HEAD_MAX) ? NGX_OK
                                                       : NGX_DECLINED;
}


ngx_int_t
ngx_http_mlist_store_text_parse(ngx_str_t *bytes, ngx_str_t *name,
    ngx_str_t *digest, ngx_http_mlist_doc_t *doc,
    ngx_http_mlist_store_problem_t *problem)
{
    off_t                         size;
    ngx_str_t                     first, all, list, number, rest;
    ngx_http_mlist_store_lines_t  lines;

    ngx_str_set(&first, NGX_HTTP_MLIST_STORE_FIRST_LINE);
    ngx_str_set(&all, "name, type, digest, size, platforms");
    ngx_str_set(&list, "that of a list");
    ngx_str_set(&number, "a number");

    doc->body = *bytes;

    if (ngx_http_mlist_store_text_lines(&doc->body, &lines) != NGX_OK) {
        return ngx_http_mlist_store_text_problem(problem, "header", all,
                                                 *bytes);
    }

    if (!ngx_http_mlist_store_text_same(&lines.first, &first)) {
        return ngx_http_mlist_store_text_problem(problem, "format", first,
                                                 lines.first);
    }

    if (!ngx_http_mlist_store_text_same(&lines.name, name)) {
        return ngx_http_mlist_store_text_problem(problem, "name", *name,
                                                 lines.name);
    }

    if (!ngx_http_mlist_store_text_same(&lines.digest, digest)) {
        return ngx_http_mlist_store_text_problem(problem, "digest", *digest,
                                                 lines.digest);
    }

    if (ngx_http_mlist_store_text_type(&lines.type, &doc->type) != NGX_OK) {
        return ngx_http_mlist_store_text_problem(problem, "media type", list,
                                                 lines.type);
    }

    size = ngx_atoof(lines.size.data, lines.size.len);

    if (size == NGX_ERROR) {
        return ngx_http_mlist_store_text_problem(problem, "size", number,
                                                 lines.size);
    }

    if ((uintmax_t) size != doc->body.len) {
        rest.data = problem->size;
        rest.len = ngx_snprintf(problem->size, NGX_SIZE_T_LEN, "%uz",
                                doc->body.len)
                   - problem->size;

        return ngx_http_mlist_store_text_problem(problem, "size", lines.size,
                                                 rest);
    }

    doc->digest = lines.digest;
    doc->platforms = lines.platforms;

    return ngx_http_mlist_store_text_verify(doc, problem);
}


static ngx_int_t
ngx_http_mlist_store_text_lines(ngx_str_t *rest,
    ngx_http_mlist_store_lines_t *lines)
{
    ngx_uint_t  i;

    struct {
        const char  *key;
        ngx_str_t   *value;
    } order[] = {
        { "", &lines->first },
        { "name: ", &lines->name },
        { "type: ", &lines->type },
        { "digest: ", &lines->digest },
        { "size: ", &lines->size },
        { "platforms: ", &lines->platforms },
        { "", &lines->empty }
    };

    for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (ngx_http_mlist_store_text_line(rest, order[i].key, order[i].value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (lines->empty.len != 0
        || !ngx_http_mlist_store_text_plain(&lines->platforms))
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* Takes a line off "rest": NGX_OK and what follows "key", or NGX_ERROR. */

static ngx_int_t
ngx_http_mlist_store_text_line(ngx_str_t *rest, const char *key,
    ngx_str_t *value)
{
    size_t   len;
    u_char  *end;

    end = memchr(rest->data, '\n', rest->len);
    if (end == NULL) {
        return NGX_ERROR;
    }

    len = ngx_strlen(key);

    if ((size_t) (end - rest->data) < len
        || ngx_memcmp(rest->data, key, len) != 0)
    {
        return NGX_ERROR;
    }

    value->data = rest->data + len;
    value->len = end - value->data;

    rest->len -= end + 1 - rest->data;
    rest->data = end + 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_store_text_type(ngx_str_t *value, mlist_media_e *type)
{
    mlist_str_t  text;

    text = ngx_http_mlist_view(value);

    *type = mlist_media_parse(text);

    if (!mlist_media_is_list(*type)
        || !mlist_str_eq(text, mlist_str(mlist_media_text(*type))))
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_mlist_store_text_verify(ngx_http_mlist_doc_t *doc,
    ngx_http_mlist_store_problem_t *problem)
{
    mlist_rc_e   rc;
    mlist_str_t  body;

    body = ngx_http_mlist_view(&doc->body);

    rc = mlist_digest_parse(ngx_http_mlist_view(&doc->digest),
                            &problem->digest);

    if (rc == MLIST_OK) {
        rc = mlist_digest_verify(body, &problem->digest);
    }

    if (rc == MLIST_OK) {
        return NGX_OK;
    }

    if (rc == MLIST_NOMEM
        || mlist_digest_compute(body, &problem->digest) != MLIST_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_mlist_store_text_problem(problem, "content", doc->digest,
                 ngx_http_mlist_ngx_str(mlist_digest_str(&problem->digest)));
}


static ngx_int_t
ngx_http_mlist_store_text_problem(ngx_http_mlist_store_problem_t *problem,
    const char *what, ngx_str_t expected, ngx_str_t seen)
{
    problem->what = what;
    problem->expected = expected;
    problem->seen = seen;

    return NGX_DECLINED;
}


static ngx_uint_t
ngx_http_mlist_store_text_same(ngx_str_t *a, ngx_str_t *b)
{
    return mlist_str_eq(ngx_http_mlist_view(a), ngx_http_mlist_view(b));
}


/* 1 if "s" may stand in a header line and in a log as it is, else 0. */

static ngx_uint_t
ngx_http_mlist_store_text_plain(ngx_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (s->data[i] < 0x20 || s->data[i] > 0x7e) {
            return 0;
        }
    }

    return 1;
}
