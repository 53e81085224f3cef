#include <dlfcn.h>

#include "plugin.h"

void *plugin_open(const char *file) { return dlopen(file, RTLD_NOW | RTLD_LOCAL); }

/* A data pointer as a function pointer, as POSIX has it for dlsym. */
void plugin_find(void *library, const char *function, void *pointer) { *(void **)pointer = dlsym(library, function); }

int plugin_close(void *library) { return dlclose(library); }
