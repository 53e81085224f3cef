// The operations that processes die in.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "medium.hpp"
#include "sample.hpp"
#include "shared.hpp"

namespace crash {

inline constexpr std::uint64_t capacity = 16;
inline constexpr std::uint64_t window = 4;
inline constexpr std::uint32_t places = 4;
inline constexpr std::uint32_t metadata_bytes = 64;

// Metadata number n; number 0 is none.
std::string metadata_text(std::uint32_t n);

// What a process does with the ring of a run, keeping its history.
struct Actor {
  Shared& shared;
  const Medium& medium;
  Who who = who_victim;
  ringbuf::Writer writer{};
  ringbuf::Reader reader{};
  std::uint64_t epoch = 0;

  void create();
  void resume();
  void put(std::uint64_t count);
  void skip(std::uint64_t count);
  void fill(std::uint64_t until);  // puts until so many are written
  void set_metadata(std::uint32_t n);
  // In place; commits `count` of those reserved.
  void reserve_and_commit(std::uint64_t reserved, std::uint64_t count);
  void close();

  void open(const ringbuf::OpenOptions& how = {});
  void check_sample(const Sample& sample, std::uint64_t index);
  // Gets `count` samples, checked.
  void pop(std::uint64_t count);
  void pop_many(std::uint64_t count);
  void next(std::uint64_t window, std::uint64_t step);

  bool expect(ringbuf::Status status, ringbuf::Status expected, const char* what);
};

enum class Dies {
  creator,    // there was no ring
  writer,     // the ring's first writer
  heir,       // somebody who comes when the first writer has died
  reader,     // the writer goes on
  bystander,  // the writer goes on, too
};

struct Operation {
  const char* name;
  Dies dies;
  std::uint64_t before = 20;  // samples written before
  std::uint64_t adds = 0;     // samples that the operation announces at most, skipped ones among them
  std::function<void(Actor&)> prepare{};
  std::function<void(Actor&)> act{};
  std::function<void(Actor&)> predecessor{};  // heirs: what the first writer does last; it dies at each point of it
  bool replaces = false;                      // heirs: makes a new ring of that name
  bool keep = false;                          // the ring's name outlives its writer
  bool full = false;                          // readers: in a lossless ring the writer waits for this one
  bool overrun = false;                       // readers: the writer overruns it first
  std::uint64_t gap = 0;     // readers: so many indices are skipped after `before`, then 3 samples are put
  std::uint32_t ghosts = 0;  // readers that have died before
  bool overwriting = true;   // for which rings
  bool lossless = true;
  std::vector<Kind> kinds = {Kind::named, Kind::anonymous, Kind::raw};
};

const std::vector<Operation>& operations();

}  // namespace crash
