// The copies that puts of 65 to 256 bytes make in wide registers, of every length, wherever the two sides lie to one another;
// and the loop for more, at every alignment. Compilers make them of narrower registers here, so that this processor need not
// have the wide ones.
#include "wide_copy.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <numeric>
#include <vector>

namespace {

using namespace ringbuf::detail;

template <class Unit>
void expect_copies_of_memmove() {
  constexpr std::size_t around = most_wide + 64;
  for (std::size_t bytes = few_bytes + 1; bytes <= most_wide; ++bytes) {
    for (std::size_t to = 0; to <= 2 * around; ++to) {  // from before the source, and overlapping it, to behind it
      std::vector<unsigned char> copied(3 * around + most_wide);
      std::iota(copied.begin(), copied.end(), static_cast<unsigned char>(bytes));
      std::vector<unsigned char> wanted = copied;
      const auto at = [](std::vector<unsigned char> &in, std::size_t i) {
        return reinterpret_cast<std::byte *>(&in[i]);
      };
      std::memmove(at(wanted, to), at(wanted, around), bytes);
      move_wide<Unit>(at(copied, to), at(copied, around), bytes);
      ASSERT_EQ(copied, wanted) << bytes << " bytes from " << around << " to " << to;
    }
  }
}

TEST(WideCopies, In32Bytes) { expect_copies_of_memmove<Unit32>(); }
TEST(WideCopies, In64Bytes) { expect_copies_of_memmove<Unit64>(); }

TEST(WideCopies, InALoop) {
  for (std::size_t bytes = most_wide + 1; bytes <= 3 * most_wide; ++bytes) {
    for (std::size_t shift = 0; shift < sizeof(Unit32); ++shift) {
      std::vector<std::byte> from(bytes);
      for (std::size_t i = 0; i < bytes; ++i) from[i] = static_cast<std::byte>(i / 7 + i + shift);
      std::vector<std::byte> copied(bytes + 2 * sizeof(Unit32), std::byte{0x55});
      std::vector<std::byte> wanted = copied;
      std::memcpy(&wanted[shift], from.data(), bytes);
      move_loop<Unit32>(&copied[shift], from.data(), bytes);
      ASSERT_EQ(copied, wanted) << bytes << " bytes to " << shift;
    }
  }
}

TEST(WideCopies, RangesLieApartIfTheyHaveNoByteInCommon) {
  const std::vector<std::byte> memory(30);
  const std::byte *const middle = &memory[10];
  for (std::size_t at = 0; at <= 20; ++at) {
    EXPECT_EQ(lie_apart(&memory[at], middle, 10), at == 0 || at == 20) << at;
    EXPECT_EQ(lie_apart(middle, &memory[at], 10), at == 0 || at == 20) << at;
  }
}

}  // namespace
