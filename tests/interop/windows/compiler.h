/* What Python's own header for Windows says of Microsoft's compiler alone, said of GCC: the first lines of every source. */
#define _WIN32_WINNT 0x0602
#define WINVER 0x0602
#define NTDDI_VERSION 0x06020000
#define WIN32 1
#define MS_WIN64 1
#define HAVE_UINTPTR_T 1
#define HAVE_INTPTR_T 1
#define HAVE_SSIZE_T 1
#define HAVE_STD_ATOMIC 1
#define SIZEOF_PID_T 4
#define PY_SUPPORT_TIER 0
#define PYD_PLATFORM_TAG "win_amd64"
#define PY3_DLLNAME L"python3"
#define VERSION L"3.11"
#define VPATH L""
#define PREFIX L""
#define EXEC_PREFIX L""
#define PYTHONPATH L""
#define PLATLIBDIR L"lib"
#define PYDEBUGEXT L""
/* Its C library asks before it ends a program for a bad descriptor; mingw's does not. */
#define _Py_BEGIN_SUPPRESS_IPH
#define _Py_END_SUPPRESS_IPH
#include <sys/types.h>
