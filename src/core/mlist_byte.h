/*
 * mlist_byte: which bytes may stand where in paths, names, tags and digests.
 * Pure.
 */

#ifndef MLIST_BYTE_H
#define MLIST_BYTE_H

#include "mlist_str.h"


#define MLIST_BYTE_PATH  0x01    /* letters, digits and ._~:=+@- */
#define MLIST_BYTE_NAME  0x02    /* small letters and digits */
#define MLIST_BYTE_TAG   0x04    /* letters, digits and ._- */
#define MLIST_BYTE_HEX   0x08    /* digits and small a to f */


/*
 * The end of the run of bytes of that class that begins at "i"; "i" itself if
 * there is none, s.len if it is all the rest.
 */
size_t mlist_byte_span(mlist_str_t s, size_t i, unsigned class) MLIST_HOT;


#endif /* MLIST_BYTE_H */
