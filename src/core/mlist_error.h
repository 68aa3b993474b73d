/*
 * mlist_error: the registry API's errors (distribution-spec v1.1.1, "Error
 * Codes", and distribution's own), and their JSON form.  Pure.
 */

#ifndef MLIST_ERROR_H
#define MLIST_ERROR_H

#include "mlist_str.h"


typedef enum {
    MLIST_ERR_BLOB_UNKNOWN,
    MLIST_ERR_BLOB_UPLOAD_INVALID,
    MLIST_ERR_BLOB_UPLOAD_UNKNOWN,
    MLIST_ERR_DENIED,
    MLIST_ERR_DIGEST_INVALID,
    MLIST_ERR_MANIFEST_BLOB_UNKNOWN,
    MLIST_ERR_MANIFEST_INVALID,
    MLIST_ERR_MANIFEST_UNKNOWN,
    MLIST_ERR_NAME_INVALID,
    MLIST_ERR_NAME_UNKNOWN,
    MLIST_ERR_PAGINATION_NUMBER_INVALID,
    MLIST_ERR_RANGE_INVALID,
    MLIST_ERR_SIZE_INVALID,
    MLIST_ERR_TAG_INVALID,
    MLIST_ERR_TOOMANYREQUESTS,
    MLIST_ERR_UNAUTHORIZED,
    MLIST_ERR_UNAVAILABLE,
    MLIST_ERR_UNKNOWN,
    MLIST_ERR_UNSUPPORTED
} mlist_error_e;


const char *mlist_error_code(mlist_error_e e);      /* "MANIFEST_UNKNOWN" */
const char *mlist_error_message(mlist_error_e e);   /* its usual text */

/* The error that an HTTP status stands for when nothing better is known. */
mlist_error_e mlist_error_of_status(unsigned status);

/*
 * Writes {"errors":[{"code":…,"message":…,"detail":…}]} with a newline
 * and returns its length.  "message" may be empty (the usual text is taken);
 * "detail" is a text and may be empty (null is written).  Both are escaped;
 * what is not valid UTF-8 or a control character becomes "?".  With out NULL
 * or too small nothing is written past out[size) and the length needed is
 * returned all the same.
 */
size_t mlist_error_json(mlist_error_e e, mlist_str_t message,
    mlist_str_t detail, char *out, size_t size);


#endif /* MLIST_ERROR_H */
