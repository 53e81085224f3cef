// Runs the tests, or, executed again by one of them, a role.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "races.hpp"

int main(int argc, char** argv) {
  const int code = races::run_role(argc, argv);
  if (code >= 0) ::_exit(code);
  (void)::signal(SIGPIPE, SIG_IGN);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
