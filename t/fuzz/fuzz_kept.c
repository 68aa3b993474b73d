/*
 * Images in which a registry keeps lists, and what is known of tags.
 * Without this anything that a registry has under a tag could pass for a
 * list of this front.
 */

#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "mlist_kept.h"


static void target_list(mlist_str_t served, mlist_str_t name,
    mlist_str_t digest, mlist_str_t manifest);
static void target_list_again(mlist_str_t name, mlist_str_t digest,
    const mlist_keep_list_t *list);
static void target_last(mlist_str_t served, mlist_str_t key,
    mlist_str_t manifest);
static void target_last_again(mlist_str_t key, const mlist_keep_last_t *last);
static void target_problem(mlist_rc_e rc,
    const mlist_kept_problem_t *problem);
static void target_verify(mlist_str_t bytes, const mlist_keep_list_t *list);
static mlist_rc_e target_verify_bytes(mlist_str_t bytes,
    const mlist_keep_list_t *list);


void
fuzz_one(void)
{
    mlist_str_t  served, name, digest, manifest;

    served = fuzz_field(FUZZ_LINE);
    name = fuzz_field(FUZZ_LINE);
    digest = fuzz_field(FUZZ_LINE);
    manifest = fuzz_rest();

    target_list(served, name, digest, manifest);
    target_last(served, name, manifest);
}


static void
target_list(mlist_str_t served, mlist_str_t name, mlist_str_t digest,
    mlist_str_t manifest)
{
    mlist_rc_e             rc;
    mlist_digest_t         d;
    mlist_keep_list_t      list;
    mlist_kept_problem_t   problem;

    memset(&problem, 0, sizeof(problem));
    rc = fuzz_rc(mlist_kept_list_parse(served, manifest, name, digest, &list,
                                       &problem));

    if (rc != MLIST_OK) {
        target_problem(rc, &problem);
        return;
    }

    assert(mlist_media_is_list(list.type));
    assert(mlist_str_printable(mlist_str(list.platforms)));
    assert(list.layer.len != 0);
    target_verify(manifest, &list);

    if (mlist_str_printable(name)
        && mlist_digest_parse(digest, &d) == MLIST_OK)
    {
        target_list_again(name, digest, &list);
    }
}


/* What was read makes an image that reads the same. */

static void
target_list_again(mlist_str_t name, mlist_str_t digest,
    const mlist_keep_list_t *list)
{
    mlist_rc_e             rc;
    mlist_str_t            served, manifest;
    mlist_keep_list_t      again;
    mlist_keep_image_t     image;
    mlist_kept_problem_t   problem;

    served = mlist_str(mlist_media_text(MLIST_MEDIA_OCI_MANIFEST));
    rc = fuzz_rc(mlist_keep_list_make(name, digest, list, &image));

    if (rc == MLIST_OK) {
        manifest = fuzz_copy(image.manifest, image.manifest_len);
        rc = fuzz_rc(mlist_kept_list_parse(served, manifest, name, digest,
                                           &again, &problem));
    }

    if (rc == MLIST_OK) {
        assert(again.type == list->type && again.size == list->size);
        assert(strcmp(again.platforms, list->platforms) == 0);
        assert(mlist_digest_eq(&again.layer, &list->layer));

    } else {
        assert(fuzz_told != NULL);
    }

    mlist_keep_clean(&image);
}


static void
target_last(mlist_str_t served, mlist_str_t key, mlist_str_t manifest)
{
    char                   tag[MLIST_KEEP_TAG + 1];
    mlist_rc_e             rc;
    mlist_keep_last_t      last;
    mlist_kept_problem_t   problem;

    memset(&problem, 0, sizeof(problem));
    rc = fuzz_rc(mlist_kept_last_parse(served, manifest, key, &last,
                                       &problem));

    if (rc != MLIST_OK) {
        target_problem(rc, &problem);
        return;
    }

    assert(mlist_media_is_list(last.type) && last.layer.len != 0);

    if (fuzz_only(key, "") && mlist_keep_last_tag(key, tag) == MLIST_OK) {
        assert(strlen(tag) == sizeof("t-") - 1 + MLIST_KEEP_KEY);
        target_last_again(key, &last);
    }
}


static void
target_last_again(mlist_str_t key, const mlist_keep_last_t *last)
{
    mlist_rc_e             rc;
    mlist_str_t            served, manifest;
    mlist_keep_last_t      again;
    mlist_keep_image_t     image;
    mlist_kept_problem_t   problem;

    served = mlist_str(mlist_media_text(MLIST_MEDIA_OCI_MANIFEST));
    rc = fuzz_rc(mlist_keep_last_make(key, last, &image));

    if (rc == MLIST_OK) {
        manifest = fuzz_copy(image.manifest, image.manifest_len);
        rc = fuzz_rc(mlist_kept_last_parse(served, manifest, key, &again,
                                           &problem));
    }

    if (rc == MLIST_OK) {
        assert(again.number == last->number && again.type == last->type);
        assert(again.missing == last->missing && again.size == last->size);
        assert(mlist_digest_eq(&again.docker, &last->docker));
        assert(mlist_digest_eq(&again.oci, &last->oci));
        assert(mlist_digest_eq(&again.layer, &last->layer));

    } else {
        assert(fuzz_told != NULL);
    }

    mlist_keep_clean(&image);
}


static void
target_problem(mlist_rc_e rc, const mlist_kept_problem_t *problem)
{
    if (rc == MLIST_NOMEM) {
        return;
    }

    assert(problem->what != NULL);
    assert(mlist_str_printable(mlist_str(problem->expected)));
    assert(mlist_str_printable(mlist_str(problem->seen)));
}


/* An image's manifest is no list; a list is one. */

static void
target_verify(mlist_str_t bytes, const mlist_keep_list_t *list)
{
    mlist_rc_e   rc;
    mlist_str_t  parts[3];

    rc = target_verify_bytes(bytes, list);
    assert(rc != MLIST_OK);

    parts[0] = mlist_str("{\"schemaVersion\":2,\"mediaType\":\"");
    parts[1] = mlist_str(mlist_media_text(list->type));
    parts[2] = mlist_str("\",\"manifests\":[]}");

    rc = target_verify_bytes(fuzz_join(parts, 3), list);
    assert(rc == MLIST_OK || rc == MLIST_NOMEM);
}


static mlist_rc_e
target_verify_bytes(mlist_str_t bytes, const mlist_keep_list_t *list)
{
    mlist_rc_e             rc;
    mlist_digest_t         digest;
    mlist_kept_problem_t   problem;

    memset(&problem, 0, sizeof(problem));
    rc = fuzz_rc(mlist_digest_compute(bytes, &digest));

    if (rc == MLIST_OK) {
        rc = fuzz_rc(mlist_kept_list_verify(bytes, mlist_digest_str(&digest),
                                            list, &problem));
    }

    if (rc != MLIST_OK) {
        target_problem(rc, &problem);
    }

    return rc;
}
