#include "c_api.hpp"

#include <dlfcn.h>

#include <type_traits>

#include "../fail.hpp"

namespace bench {

namespace {

CApi load() {
  void *library = dlopen(RINGBUF_BENCH_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail(dlerror());
  const auto find = [library](auto &function, const char *name) {
    void *symbol = dlsym(library, name);
    if (symbol == nullptr) fail(dlerror());
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(symbol);
  };
  CApi api;
  find(api.create, "ringbuf_create");
  find(api.open, "ringbuf_open");
  find(api.close, "ringbuf_close");
  find(api.put, "ringbuf_put");
  find(api.push, "ringbuf_push");
  find(api.reserve, "ringbuf_reserve");
  find(api.commit, "ringbuf_commit");
  find(api.pop, "ringbuf_pop");
  find(api.pop_many, "ringbuf_pop_many");
  find(api.next, "ringbuf_next");
  find(api.send, "ringbuf_send");
  find(api.receive, "ringbuf_receive");
  find(api.view, "ringbuf_view");
  find(api.check, "ringbuf_check");
  find(api.wait, "ringbuf_wait");
  find(api.seek, "ringbuf_seek");
  find(api.info, "ringbuf_info");
  find(api.last_error, "ringbuf_last_error");
  return api;
}

}  // namespace

const CApi &c_api() {
  static const CApi api = load();
  return api;
}

}  // namespace bench
