// Ring buffers in shared memory: everything for C++ programs.
#pragma once

#include "ringbuf/exception.hpp"
#include "ringbuf/list.hpp"
#include "ringbuf/reader.hpp"
#include "ringbuf/writer.hpp"
