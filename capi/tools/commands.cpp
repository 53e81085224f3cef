#include "commands.hpp"

#include <array>

namespace tool {

namespace {

constexpr std::array table{
    Command{"list", "show the rings of this machine", make_list},
    Command{"info", "show everything about a ring", make_info},
    Command{"readers", "show the registered readers of a ring", make_readers},
    Command{"top", "show what all rings do now", make_top},
    Command{"scope", "show the signal of a ring in the terminal", make_scope},
    Command{"hz", "measure the rate of rings", make_hz},
    Command{"cat", "write samples to stdout", make_cat},
    Command{"put", "put stdin into a new ring", make_put},
    Command{"record", "save what comes to a file", make_record},
    Command{"replay", "make a ring of a recording", make_replay},
    Command{"trigger", "save what was before and after an event", make_trigger},
    Command{"gen", "make a ring with a test signal", make_gen},
    Command{"verify", "check that a ring is sound", make_verify},
    Command{"wait", "wait for a ring, a sample or the end of the stream", make_wait},
    Command{"sweep", "show or remove the rings whose writers died", make_sweep},
    Command{"rm", "remove rings by name", make_rm},
    Command{"bench", "measure how fast rings are on this machine", make_bench},
    Command{"completion", "write a completion script for a shell", make_completion},
};

}  // namespace

std::span<const Command> commands() noexcept { return table; }

}  // namespace tool
