// Lines of the terminal that several processes redraw in place.
//
// They share an area at the bottom of what has been printed. Its height is known to all, and between two drawings the
// cursor rests in the first column below it. A process draws its own lines by one write that moves the cursor up there
// and back, so that processes need not know of each other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace demo {

// The area, from its top: the meter's heading and channels, then the heading and lines of the events.
struct LiveArea {
  explicit LiveArea(std::size_t channels) : meter_rows(channels + 1) {}

  std::size_t meter_rows;
  std::size_t event_rows = 5;
  std::size_t rows() const { return meter_rows + event_rows; }
};

// Whether standard output is a terminal that the whole area fits on.
bool can_draw(const LiveArea& area);

std::size_t terminal_columns();

// Scrolls until there is room for the area.
void make_room(const LiveArea& area);

// Redraws as many lines as `lines` has, the last of them `below` rows above the end of the area.
void draw(const std::vector<std::string>& lines, std::size_t below);

// Printable ASCII of `text`, `width` characters of it: what comes from file names must not steer the terminal.
std::string printable(std::string_view text, std::size_t width);

// One line on standard output, for when it is not a terminal.
void print_line(const std::string& line);

}  // namespace demo
