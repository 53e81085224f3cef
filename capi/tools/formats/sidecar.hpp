// The description of a recording: the JSON of SigMF, also beside files of other formats (FILE.json).
//
// It holds what the samples' own file cannot: the ring, its metadata, and for each gap and each time mark a "capture". It
// tells which sample of the file has which index, and when that sample was taken. The number of samples is not in it: the file
// of the samples has that. So the description changes only at a gap or a mark, and is then replaced as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recording.hpp"

namespace tool::formats {

struct Sidecar {
  Stream stream;
  std::vector<Gap> gaps;
  std::vector<TimeMark> marks;
  std::vector<Annotation> annotations;  // in any order; sorted once they are read
  std::uint64_t samples = 0;            // if finished
  bool finished = false;
};

// `sigmf_type`: the value of core:datatype; empty for files that are not SigMF's.
std::string sidecar_text(const Sidecar& sidecar, const std::string& sigmf_type);
// Throws Error, which names `path`.
Sidecar sidecar_parse(const std::string& text, const std::string& path);

// The writer of a format that has a sidecar: it keeps the description, the format itself only appends.
class SidecarWriter : public Writer {
 public:
  // Refuses a sidecar that is there, unless `replace` is set.
  SidecarWriter(const Stream& stream, std::string path, std::string sigmf_type, bool replace);

  void append(const void* samples, std::uint64_t count) final;
  void gap(const Gap& gap) final;
  void mark(const TimeMark& mark) final;
  void annotate(const Annotation& annotation) override;
  void sync() final;
  void finish() final;
  std::vector<std::string> files() const override;
  std::uint64_t samples() const final { return stored_; }

 protected:
  // The constructors of formats call it once their own file is there.
  void begin();
  virtual void store(const void* samples, std::uint64_t count) = 0;
  virtual void marked(const TimeMark&) {}
  virtual void flush() = 0;  // what was stored is to survive the death of this process
  // Ends the file behind its last whole sample, and says how many it has. If the disk is full, they are less than stored(), or
  // more: some of those that could not be stored as a whole.
  virtual std::uint64_t end() = 0;
  virtual std::string data_path() const = 0;

  const Stream& stream() const { return sidecar_.stream; }
  std::uint64_t stored() const { return stored_; }
  std::int64_t next_index() const { return next_; }
  const std::vector<TimeMark>& marks() const { return sidecar_.marks; }

 private:
  void save();

  std::string path_, sigmf_type_;
  Sidecar sidecar_;
  std::uint64_t stored_ = 0;
  std::int64_t next_ = 0;
  bool changed_ = false;
};

// Fills in the description from the sidecar. The samples are as many as the reader says.
void apply_sidecar(Reader& reader, const std::string& path);

}  // namespace tool::formats
