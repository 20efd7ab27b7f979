/* Are messages cut instead of failing? */
#include "support/check_main.h"

#include "core/message.h"

#include "common/banned.h"

START_TEST(a_message_is_cut_at_the_end_of_the_buffer)
{
    SG_CLEANUP(sgc_buf_clear) struct sgc_buf message = SGC_BUF_INIT(10);
    sg_message_addf(&message, "%s", "12345");
    sg_message_addf(&message, "%s", "67890abc");
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&message), "1234567890"));
    sg_message_addf(&message, "more");
    ck_assert_uint_eq(message.len, 10);
    sg_message_setf(&message, "new %d", 1);
    ck_assert(sg_bytes_eq_str(sgc_buf_view(&message), "new 1"));
}
END_TEST

START_TEST(nobody_has_to_listen)
{
    sg_message_addf(NULL, "%s", "text");
    sg_message_setf(NULL, "%s", "text");
}
END_TEST

SG_TEST_MAIN("core/message", TEST(a_message_is_cut_at_the_end_of_the_buffer), TEST(nobody_has_to_listen))
