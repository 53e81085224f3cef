#include "flac_output.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "recording.hpp"

namespace tool::formats {
namespace {

// The length: the low half of a byte, and the four bytes after it.
constexpr sf_count_t length_begin = 21;
constexpr sf_count_t length_end = 26;

FlacOutput& output(void* user) { return *static_cast<FlacOutput*>(user); }

}  // namespace

sf_count_t FlacOutput::write(const void* bytes, sf_count_t count) {
  const auto* const given = static_cast<const unsigned char*>(bytes);
  std::vector<unsigned char> changed;
  if (offset_ <= length_begin && offset_ + count >= length_end) {
    changed.assign(given, given + count);
    unsigned char* const length = changed.data() + (length_begin - offset_);
    const auto is_zero = [](unsigned char byte) { return byte == 0; };
    if ((length[0] & 0x0F) == 0 && std::all_of(length + 1, length + 5, is_zero)) length[4] = 1;
  }
  try {
    file_.write_at(static_cast<std::uint64_t>(offset_), changed.empty() ? bytes : changed.data(),
                   static_cast<std::size_t>(count));
  } catch (const Error&) {  // libsndfile, which is C, says that fewer were written
    return 0;
  }
  offset_ += count;
  size_ = std::max(size_, offset_);
  return count;
}

SNDFILE* FlacOutput::open(SF_INFO& info) {
  SF_VIRTUAL_IO io = {};
  io.get_filelen = [](void* user) { return output(user).size_; };
  io.seek = [](sf_count_t offset, int whence, void* user) {
    FlacOutput& to = output(user);
    to.offset_ = offset + (whence == SEEK_CUR ? to.offset_ : whence == SEEK_END ? to.size_ : 0);
    return to.offset_;
  };
  io.read = [](void*, sf_count_t, void*) { return sf_count_t{0}; };
  io.write = [](const void* bytes, sf_count_t count, void* user) { return output(user).write(bytes, count); };
  io.tell = [](void* user) { return output(user).offset_; };
  return sf_open_virtual(&io, SFM_WRITE, &info, this);
}

}  // namespace tool::formats
