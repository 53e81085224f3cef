// Pages of memory of a test's own.
#pragma once

#include <cstddef>

namespace test {

// Zeroed pages, shared with forked children.
class Pages {
 public:
  explicit Pages(std::size_t bytes);
  Pages(const Pages &) = delete;
  Pages &operator=(const Pages &) = delete;
  ~Pages();

  // Null if there is not so much memory.
  void *begin() const { return begin_; }
  std::size_t bytes() const { return bytes_; }
  bool make_read_only() const;

 private:
  void *begin_;
  std::size_t bytes_;
};

// Address space of which only the last page can be touched; the others need never exist.
class MostlyNothing {
 public:
  explicit MostlyNothing(std::size_t bytes);
  MostlyNothing(const MostlyNothing &) = delete;
  MostlyNothing &operator=(const MostlyNothing &) = delete;
  ~MostlyNothing();

  // Null if there are not so many addresses.
  void *begin() const { return begin_; }

 private:
  void *begin_;
  std::size_t bytes_;
};

}  // namespace test
