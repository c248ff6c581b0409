# The codec as others meet it: tests/package is a project outside of this one, built and run against
# an installation in the build folder, and with this project as a folder of its own. What only the
# server needs is hidden from both. Nothing is downloaded.
set(folder ${CMAKE_CURRENT_BINARY_DIR}/package)
set(hidden Boost spdlog yaml-cpp CLI11 benchmark)
list(TRANSFORM hidden REPLACE "(.+)" "-DCMAKE_DISABLE_FIND_PACKAGE_\\1=ON")

set(same_compiler
  -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
  -DCMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}
  "-DCMAKE_CXX_FLAGS=${CMAKE_CXX_FLAGS}"
  -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
  -DCMAKE_COMPILE_WARNING_AS_ERROR=${CMAKE_COMPILE_WARNING_AS_ERROR})

# berth_package_test(name options…): configures, builds and runs the outside project.
function(berth_package_test name)
  add_test(NAME package.${name}
    COMMAND ${CMAKE_CTEST_COMMAND} --build-and-test ${CMAKE_CURRENT_SOURCE_DIR}/package ${folder}/${name}
      --build-generator ${CMAKE_GENERATOR} --build-noclean
      --build-options ${same_compiler} -DREADME=${PROJECT_SOURCE_DIR}/README.md ${ARGN}
      --test-command ${CMAKE_CTEST_COMMAND} --output-on-failure --no-tests=error)
  set_tests_properties(package.${name} PROPERTIES
    LABELS package TIMEOUT 900 PROCESSORS 2)
endfunction()

# The folder protocol alone, because the whole would want a server that is built.
add_test(NAME package.install
  COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR}/protocol --prefix ${folder}/prefix)
set_tests_properties(package.install PROPERTIES LABELS package FIXTURES_SETUP berth_prefix)
berth_package_test(installed -DCMAKE_PREFIX_PATH=${folder}/prefix ${hidden})
set_tests_properties(package.installed PROPERTIES FIXTURES_REQUIRED berth_prefix)

berth_package_test(embedded -DBERTH_SOURCE=${PROJECT_SOURCE_DIR} ${hidden})

# That hiding hides: with the server there is something missing.
add_test(NAME package.server_needs_more
  COMMAND ${CMAKE_COMMAND} --fresh -S ${PROJECT_SOURCE_DIR} -B ${folder}/server -G ${CMAKE_GENERATOR}
    ${same_compiler} ${hidden})
set_tests_properties(package.server_needs_more PROPERTIES
  LABELS package PASS_REGULAR_EXPRESSION "CMAKE_DISABLE_FIND_PACKAGE_Boost")
# And the codec alone: as berth's own build, not only embedded.
add_test(NAME package.codec_alone
  COMMAND ${CMAKE_COMMAND} --fresh -S ${PROJECT_SOURCE_DIR} -B ${folder}/codec -G ${CMAKE_GENERATOR}
    ${same_compiler} ${hidden} -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON
    -DBERTH_SERVER=OFF -DBERTH_TESTS=OFF)
set_tests_properties(package.codec_alone PROPERTIES LABELS package)
