#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int a_child_has_left(void);

int a_child_has_left(void) {
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    exit(42);
  }
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 42;
}
