// The process that a person starts: it starts the others, and compares what they report with the recording.
#include <cstdlib>

#include "child.hpp"
#include "recording.hpp"
#include "report.hpp"
#include "results.hpp"
#include "ring.hpp"
#include "roles.hpp"
#include "terminal.hpp"

namespace demo {
namespace {

// The writer removes its rings, unless it was killed. What is left then goes here; but not a ring that is alive, which
// would be another's who was given the same name.
class Sweeper {
 public:
  explicit Sweeper(const Options& options) : run_(options.run) {}
  Sweeper(const Sweeper&) = delete;
  ~Sweeper() {
    for (const std::string& name : {sample_ring_name(run_), event_ring_name(run_)}) {
      ringbuf_t* opened = nullptr;
      if (ringbuf_open(&opened, name.c_str(), RINGBUF_OBSERVER) != RINGBUF_OK) continue;
      const Ring ring(opened);
      ringbuf_info_t info{};
      info.struct_size = sizeof info;
      if (ringbuf_info(opened, &info) == RINGBUF_OK && info.state != RINGBUF_STATE_LIVE) ringbuf_unlink(name.c_str());
    }
  }

 private:
  std::string run_;
};

}  // namespace

int run_all(const Options& options, int argc, char** argv) {
  const Recording recording(options);
  if (options.corrupt >= recording.total()) throw UsageError{"--corrupt: the stream has no such sample"};
  print_plan(options, recording);
  const LiveArea area(recording.format().channels);
  if (can_draw(area)) make_room(area);

  const StopSignals signals;
  // Destroyed in the opposite order: the readers end, then the writer, and then what it left is swept away.
  const Sweeper sweeper(options);
  const Child writer("writer", options, argc, argv);
  char ready;
  Child::receive(signals, {writer.will_send(ready)});  // the rings are there
  const Child meter("meter", options, argc, argv);
  const Child checker("checker", options, argc, argv);
  const Child events("events", options, argc, argv);
  Child::receive(signals, {meter.will_send(ready), checker.will_send(ready), events.will_send(ready)});
  writer.go();  // no sample is written before all readers have their places

  Outcome outcome{};
  outcome.recording_crc = recording.crc();
  Child::receive(signals, {writer.will_send(outcome.writer), meter.will_send(outcome.meter),
                           checker.will_send(outcome.checker), events.will_send(outcome.events)});
  return print_report(options, recording, outcome) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace demo
