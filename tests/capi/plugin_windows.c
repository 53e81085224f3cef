#include <windows.h>

#include "plugin.h"

void *plugin_open(const char *file) { return LoadLibraryA(file); }

void plugin_find(void *library, const char *function, void *pointer) {
  *(FARPROC *)pointer = GetProcAddress((HMODULE)library, function);
}

int plugin_close(void *library) { return FreeLibrary((HMODULE)library) ? 0 : 1; }
