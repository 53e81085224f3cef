// Puts of more bytes than are moved inline. Where a processor has registers of 64 bytes, these move up to 256 bytes, in
// the function that publishes. Nothing is called between, so nothing is saved on the stack. A call of memmove takes 1 to 2 ns
// more.
#include "ringbuf/writer.hpp"

// Not on Windows: GCC does not align the stack there for such registers, where it saves them.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(_WIN32) && !defined(RINGBUF_ATOMIC_COPIES) && \
    !defined(RINGBUF_FAILPOINTS)
#define RINGBUF_WIDE_PUTS
#include <cpuid.h>
#endif

namespace ringbuf {

Status Writer::put_with_memmove(Writer &writer, const void *samples, std::uint64_t count) noexcept {
  writer.announce_plain(writer.own_lines(), count);
  copy_in(writer.at(writer.offset()), static_cast<const std::byte *>(samples), writer.bytes(count));
  return writer.finish(count);
}

#ifdef RINGBUF_WIDE_PUTS
// Aligned as a word is: compilers would else align the stack for a register that they may have to save there, but need not.
using Unit64 = std::uint64_t __attribute__((vector_size(64), aligned(8)));

[[gnu::target("avx512f")]] Status Writer::put_wide(Writer &writer, const void *samples, std::uint64_t count) noexcept {
  const std::size_t size = writer.bytes(count);
  if (size > 4 * sizeof(Unit64)) return put_with_memmove(writer, samples, count);
  writer.announce_plain(writer.own_lines(), count);
  std::byte *const to = writer.at(writer.offset());
  const auto *const from = static_cast<const std::byte *>(samples);
  if (size <= 2 * sizeof(Unit64)) {
    detail::move_ends<Unit64>(to, from, size);
  } else {
    detail::move_four<Unit64>(to, from, size);
  }
  return writer.finish(count);
}

namespace {

// Whether there are registers of 64 bytes, and the system keeps them. Processors that have AVX-512 but not VBMI2 slow down when
// they use these.
bool has_wide_registers() noexcept {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0) return false;
  constexpr unsigned wide_state = 0xe6;
  asm("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  if ((a & wide_state) != wide_state || __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  return (b & bit_AVX512F) != 0 && (c & bit_AVX512VBMI2) != 0;
}

}  // namespace
#endif

Writer::PutMany Writer::put_many_here() noexcept {
#ifdef RINGBUF_WIDE_PUTS
  static const bool wide = has_wide_registers();  // on a virtual machine it takes long to ask
  if (wide) return &put_wide;
#endif
  return &put_with_memmove;
}

}  // namespace ringbuf
