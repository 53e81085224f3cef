// ringbuf's C interface out of the shared library: by dlopen, so that its functions and those of the static core, which
// this program is linked with, do not meet.
#pragma once

#include <ringbuf.h>

namespace bench {

struct CApi {
  decltype(&ringbuf_create) create;
  decltype(&ringbuf_open) open;
  decltype(&ringbuf_close) close;
  decltype(&ringbuf_put) put;
  decltype(&ringbuf_push) push;
  decltype(&ringbuf_reserve) reserve;
  decltype(&ringbuf_commit) commit;
  decltype(&ringbuf_pop) pop;
  decltype(&ringbuf_pop_many) pop_many;
  decltype(&ringbuf_next) next;
  decltype(&ringbuf_send) send;
  decltype(&ringbuf_receive) receive;
  decltype(&ringbuf_view) view;
  decltype(&ringbuf_check) check;
  decltype(&ringbuf_wait) wait;
  decltype(&ringbuf_seek) seek;
  decltype(&ringbuf_info) info;
  decltype(&ringbuf_last_error) last_error;
};

// Loaded when it is first asked for; a library that is not there ends the program.
const CApi &c_api();

}  // namespace bench
