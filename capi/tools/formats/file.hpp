// A file of a recording: each write reaches the kernel at once, so it survives the death of the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tool::formats {

class File {
 public:
  File() = default;
  // Makes a file to write to. It must not exist, unless `replace` is set.
  static File create(const std::string& path, bool replace);
  static File open(const std::string& path);
  // To be read and changed. Throws Error while a recorder writes it.
  static File open_to_repair(const std::string& path);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  // Where the next append goes.
  std::uint64_t size() const { return size_; }
  void append(const void* bytes, std::size_t count);
  // One system call. Within a page of 4096 bytes the file has all of these bytes or none of them, even if the process dies.
  void write_at(std::uint64_t offset, const void* bytes, std::size_t count);
  // Reads as many bytes as there are, up to count.
  std::size_t read_at(std::uint64_t offset, void* bytes, std::size_t count) const;
  // Reads exactly count bytes.
  void read_exactly(std::uint64_t offset, void* bytes, std::size_t count) const;
  void truncate(std::uint64_t size);
  void close();

 private:
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

// Replaces a file by a new one with this text. A process that dies meanwhile leaves the old text, or the new one.
void replace_file(const std::string& path, const std::string& text);
// Whether a recorder writes the file now.
bool is_being_written(const std::string& path);
std::string read_file(const std::string& path);
bool file_exists(const std::string& path);
void remove_file(const std::string& path);
// Bytes that are free where the file is; 0 if that is not known.
std::uint64_t free_bytes(const std::string& path);

}  // namespace tool::formats
