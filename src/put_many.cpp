// Puts of more bytes than are moved inline. Where a processor has registers of 64 or 32 bytes, these move up to 256 bytes, in
// the function that publishes. Nothing is called between, so nothing is saved on the stack: a store there waits for those to
// the ring before it. A call of memmove takes a third to a half longer. Registers of 32 bytes move up to 4096, a tenth faster.
#include "ringbuf/writer.hpp"

// Not on Windows: GCC does not align the stack there for such registers, where it saves them.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(_WIN32) && !defined(RINGBUF_ATOMIC_COPIES) && \
    !defined(RINGBUF_FAILPOINTS)
#define RINGBUF_WIDE_PUTS
#include <cpuid.h>

#include "wide_copy.hpp"
#endif

namespace ringbuf {

using detail::WriteCursor;

template <Writer::Move move>
[[gnu::always_inline]] inline Status Writer::put_by(const void *samples, std::uint64_t count) noexcept {
  WriterLines &lines = own_lines();
  const WriteCursor::Place place = cursor_.place();
  announce_plain(lines, count);
  move(at(place.offset), static_cast<const std::byte *>(samples), bytes(count));
  return publish_plain(lines, place, count);
}

Status Writer::put_with_memmove(Writer &writer, const void *samples, std::uint64_t count) noexcept {
  return writer.put_by<&copy_in>(samples, count);
}

#ifdef RINGBUF_WIDE_PUTS
[[gnu::target("avx2")]] Status Writer::put_with_32(Writer &writer, const void *samples, std::uint64_t count) noexcept {
  if (writer.bytes(count) > detail::most_wide) return put_in_loop(writer, samples, count);
  return writer.put_by<&detail::move_wide<detail::Unit32>>(samples, count);
}

// More bytes, in a function of its own, so that fewer save no registers.
[[gnu::target("avx2")]] Status Writer::put_in_loop(Writer &writer, const void *samples, std::uint64_t count) noexcept {
  const std::size_t size = writer.bytes(count);
  if (size > detail::most_looped ||
      !detail::lie_apart(writer.at(writer.offset()), static_cast<const std::byte *>(samples), size)) {
    return put_with_memmove(writer, samples, count);
  }
  return writer.put_by<&detail::move_loop<detail::Unit32>>(samples, count);
}

[[gnu::target("avx512f")]] Status Writer::put_with_64(Writer &writer, const void *samples,
                                                      std::uint64_t count) noexcept {
  if (writer.bytes(count) > detail::most_wide) return put_with_memmove(writer, samples, count);
  return writer.put_by<&detail::move_wide<detail::Unit64>>(samples, count);
}

namespace {

// The bytes of the widest registers that there are, that the system keeps, and that are worth it: 64, 32, or 16. Processors
// that have AVX-512 but not VBMI2 slow down when they use those of 64.
unsigned register_bytes() noexcept {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0) return 16;
  unsigned kept = 0, high = 0;
  asm("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
  const auto keeps = [kept](unsigned state) { return (kept & state) == state; };
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return 16;
  if (keeps(0xe6) && (b & bit_AVX512F) != 0 && (c & bit_AVX512VBMI2) != 0) return 64;
  return keeps(0x06) && (b & bit_AVX2) != 0 ? 32 : 16;
}

}  // namespace
#endif

Writer::PutMany Writer::put_many_here() noexcept {
#ifdef RINGBUF_WIDE_PUTS
  static const unsigned wide = register_bytes();  // on a virtual machine it takes long to ask
  if (wide == 64) return &put_with_64;
  if (wide == 32) return &put_with_32;
#endif
  return &put_with_memmove;
}

}  // namespace ringbuf
