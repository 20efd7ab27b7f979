/*
 * banned.h - functions whose use is a compile error here. Include it last, in .c files.
 *
 * Idea       Poisoned identifiers fail at the first use, so that the rule needs no reviewer.
 * Not here   Rules that need context (memcmp, malloc): scripts/check_rules.py.
 */
#ifndef SG_COMMON_BANNED_H
#define SG_COMMON_BANNED_H

/* Unbounded, locale-bound, not re-entrant, or weak randomness. */
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison gmtime localtime asctime ctime mktime atoi atol atoll strtod
#pragma GCC poison rand srand random srandom drand48 tmpnam mktemp tempnam
/* glibc has alloca as a macro, and an existing macro cannot be poisoned. */
#undef alloca
#pragma GCC poison alloca system popen

#endif
