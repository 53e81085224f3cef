/* Libraries loaded at run time: dlopen and LoadLibrary. */
#ifndef RINGBUF_TESTS_CAPI_PLUGIN_H
#define RINGBUF_TESTS_CAPI_PLUGIN_H

/* NULL: not to be loaded. */
void *plugin_open(const char *file);
/* Stores a function's address in the function pointer that `pointer` points to; NULL if there is no such function. */
void plugin_find(void *library, const char *function, void *pointer);
/* 0 if it went well. */
int plugin_close(void *library);

#endif
