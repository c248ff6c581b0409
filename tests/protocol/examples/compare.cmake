# Runs COMMAND, a list, and fails when what it prints is not what the file EXPECTED holds. INPUT, if
# given, is a file for its standard input.
if(INPUT)
  set(input INPUT_FILE ${INPUT})
endif()
execute_process(COMMAND ${COMMAND} ${input} OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
file(READ ${EXPECTED} expected)
if(NOT printed STREQUAL expected)
  message(FATAL_ERROR "${EXPECTED} holds\n${expected}\nbut this was printed\n${printed}")
endif()
