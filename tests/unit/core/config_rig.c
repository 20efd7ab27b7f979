/* One replacement is enough: a test changes one thing. */
#include "config_rig.h"

sg_err rig_parse(const char *from, const char *to, struct sg_config **out, struct sgc_buf *message)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf text = SGC_BUF_INIT(64 * 1024);
    static const char good[] = RIG_CONFIG;
    const char *at = from[0] == '\0' ? good + sizeof(good) - 1 : strstr(good, from);
    ck_assert_msg(at != NULL, "'%s' is not in the text", from);
    ck_ok(sgc_buf_append(&text, sg_bytes(good, (size_t)(at - good))));
    ck_ok(sgc_buf_append_str(&text, to));
    ck_ok(sgc_buf_append_str(&text, at + strlen(from)));
    return sg_config_parse(RIG_PATH, sgc_buf_view(&text), out, message);
}
