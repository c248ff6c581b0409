# CLI11, from the prefix that tools/cross-macos makes: Debian's own package file names /usr/include.
if(NOT TARGET CLI11::CLI11)
  add_library(CLI11::CLI11 INTERFACE IMPORTED)
  target_include_directories(CLI11::CLI11 INTERFACE ${BERTH_MACOS_PREFIX}/include)
endif()
