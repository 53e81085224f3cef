// A test program that is its own children: see child.hpp.
#include <gtest/gtest.h>

#include "child.hpp"

int main(int argc, char **argv) {
  int exit_code = 0;
  if (process::play(argc, argv, exit_code)) return exit_code;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
