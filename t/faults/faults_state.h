/*
 * What the test build knows: which call is to fail, how many there were, and
 * whether this thread holds the zone's mutex.  It lies in the file that
 * MLIST_FAULTS names, where a test reads and writes it while nginx runs; with
 * no such file nothing fails and only the lock check is done.
 */

#ifndef _MLIST_FAULTS_STATE_H_INCLUDED_
#define _MLIST_FAULTS_STATE_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


#define MLIST_FAULTS_WHERE  1000


/* As t/lib/Mlist/Faults.pm has it. */
typedef struct {
    uint32_t  fail;        /* the call to fail, counted from 1; 0: none */
    uint32_t  onward;      /* 1: and all later ones */
    uint32_t  calls;       /* so far */
    uint32_t  failed;      /* of them */
    uint32_t  most_freed;  /* pieces of the zone, in one hold of its mutex */
    uint32_t  longest;     /* hold of it, in microseconds */
    char      where[MLIST_FAULTS_WHERE];  /* the first that failed */
} mlist_faults_t;


/*
 * Counts a call that may fail.  1: it has to; 0: it is to be made.  Ends the
 * process if the calling thread holds the zone's mutex.
 */
int mlist_faults_hit(const char *call);

/* The same for an allocation from the zone: the mutex has to be held. */
int mlist_faults_hit_locked(const char *call);

/* Ends the process if the calling thread holds the zone's mutex. */
void mlist_faults_unlocked(const char *call);

/* The calling thread has it now; and has it no more. */
void mlist_faults_locked(void);
void mlist_faults_released(void);

/* A piece of the zone was freed. */
void mlist_faults_freed(void);


#endif /* _MLIST_FAULTS_STATE_H_INCLUDED_ */
