/*
 * attrs.h - compiler attributes and tiny macros under names of our own.
 *
 * Threads    Nothing here has state.
 * Not here   Anything that generates code beyond the attribute itself.
 */
#ifndef SG_COMMON_ATTRS_H
#define SG_COMMON_ATTRS_H

#include <stddef.h>

#define SG_MUST                            __attribute__((warn_unused_result))
#define SG_NONNULL                         __attribute__((nonnull))
#define SG_NORETURN                        __attribute__((noreturn))
#define SG_PRINTF(format_index, first_arg) __attribute__((format(printf, format_index, first_arg)))

/* Runs fn(&variable) when the variable goes out of scope; fn must accept a cleared or zeroed object. */
#define SG_CLEANUP(fn) __attribute__((cleanup(fn)))

#define SG_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define SG_UNUSED(x) ((void)(x))

#endif
