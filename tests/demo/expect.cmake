# cmake -DCOMMAND=<program;argument;...> -DSTATUS=<exit status> -DOUTPUT=<regular expression> -DRING=<name> -P this
#
# Runs the demo; fails unless it exits with the status and prints what the expression matches, and if a ring is left.
execute_process(COMMAND ${COMMAND} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
message("${output}")
if(NOT status STREQUAL STATUS)
  message(FATAL_ERROR "exit status ${status}, but ${STATUS} was expected")
endif()
if(NOT output MATCHES "${OUTPUT}")
  message(FATAL_ERROR "the output does not match '${OUTPUT}'")
endif()
file(GLOB left "/dev/shm/${RING}*")
if(left)
  message(FATAL_ERROR "left behind: ${left}")
endif()
