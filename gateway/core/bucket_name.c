/* Idea: a name is a row of labels between dots; every rule but the lengths and the address is a rule about one label.
 */
#include "core/bucket_name.h"

#include "common/limits.h"

#include "common/banned.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter_or_digit(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c);
}

static bool label_is_valid(struct sg_bytes label)
{
    if (label.len == 0 || !is_letter_or_digit(label.ptr[0]) || !is_letter_or_digit(label.ptr[label.len - 1]))
        return false;
    for (size_t i = 0; i < label.len; i++) {
        if (!is_letter_or_digit(label.ptr[i]) && label.ptr[i] != '-')
            return false;
    }
    return true;
}

static bool label_is_number(struct sg_bytes label)
{
    for (size_t i = 0; i < label.len; i++) {
        if (!is_digit(label.ptr[i]))
            return false;
    }
    return label.len <= 3;
}

/* Names that AWS keeps for itself: no bucket of such a name can be made there, and some mean something else. */
static bool is_reserved(struct sg_bytes name)
{
    static const char *const prefixes[] = {"xn--", "sthree-", "amzn-s3-demo-"};
    static const char *const suffixes[] = {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};
    for (size_t i = 0; i < SG_COUNT_OF(prefixes); i++) {
        if (sg_bytes_has_prefix(name, sg_bytes_str(prefixes[i])))
            return true;
    }
    for (size_t i = 0; i < SG_COUNT_OF(suffixes); i++) {
        if (sg_bytes_has_suffix(name, sg_bytes_str(suffixes[i])))
            return true;
    }
    return false;
}

bool sg_bucket_name_is_valid(struct sg_bytes name)
{
    if (name.len < SG_LIMIT_BUCKET_MIN || name.len > SG_LIMIT_BUCKET_MAX)
        return false;
    unsigned label_count = 0, number_count = 0;
    for (size_t from = 0; from <= name.len; label_count++) {
        struct sg_bytes label = sg_bytes_skip(name, from);
        label.len = sg_bytes_find(label, '.');
        if (!label_is_valid(label))
            return false;
        number_count += label_is_number(label);
        from += label.len + 1;
    }
    return !(label_count == 4 && number_count == 4) && !is_reserved(name);
}
