#include "text_format.hpp"

namespace tool {

std::string format_text(fmt::string_view text, fmt::format_args values) { return fmt::vformat(text, values); }

}  // namespace tool
