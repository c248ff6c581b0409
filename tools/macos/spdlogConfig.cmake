# spdlog and fmt as headers, from the prefix that tools/cross-macos makes: Debian's own package file
# names its compiled library and /usr/include.
if(NOT TARGET spdlog::spdlog)
  add_library(spdlog::spdlog INTERFACE IMPORTED)
  target_include_directories(spdlog::spdlog INTERFACE ${BERTH_MACOS_PREFIX}/include)
  target_compile_definitions(spdlog::spdlog INTERFACE SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)
endif()
