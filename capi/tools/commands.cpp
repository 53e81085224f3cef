#include "commands.hpp"

#include <array>

namespace tool {

namespace {

constexpr std::array table{
    Command{"list", "show the rings of this machine", make_list},
};

}  // namespace

std::span<const Command> commands() noexcept { return table; }

}  // namespace tool
