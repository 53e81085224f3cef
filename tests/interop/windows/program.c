/* What a program that is all of Python knows of the DLL that Python is elsewhere. */
#include <windows.h>

HMODULE PyWin_DLLhModule;
const char *PyWin_DLLVersionString = "3.11";

__attribute__((constructor)) static void find(void) { PyWin_DLLhModule = GetModuleHandleW(NULL); }
