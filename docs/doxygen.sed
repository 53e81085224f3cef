# The plain comments of a C++ header, as Doxygen wants them. The first one is the file's; protected is nothing for programs.
/^#/!s:^( *)//($| ):\1///\2:
/^#/!s:^( *[^ /].*)// :\1///< :
s:^#pragma once:/// @file:
s:^ protected\::  private\::
