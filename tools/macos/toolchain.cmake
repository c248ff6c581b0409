# Compiles for macOS 13 with zig, which carries Darwin's headers and a linker. tools/cross-macos
# fetches it and gives BERTH_ZIG, BERTH_MACOS_ARCH (aarch64, x86_64) and BERTH_MACOS_PREFIX, where
# the libraries for that system are.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BERTH_ZIG BERTH_MACOS_ARCH BERTH_MACOS_PREFIX)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_VERSION 22)  # Darwin's number for macOS 13
set(CMAKE_SYSTEM_PROCESSOR ${BERTH_MACOS_ARCH})

set(target -target ${BERTH_MACOS_ARCH}-macos.13.0)
set(CMAKE_C_COMPILER ${BERTH_ZIG} cc ${target})
set(CMAKE_CXX_COMPILER ${BERTH_ZIG} c++ ${target})
set(CMAKE_AR ${BERTH_MACOS_PREFIX}/bin/ar)
set(CMAKE_RANLIB ${BERTH_MACOS_PREFIX}/bin/ranlib)

# The target says it all; CMake would look for Xcode.
set(CMAKE_OSX_SYSROOT "")
set(CMAKE_OSX_DEPLOYMENT_TARGET "")
set(CMAKE_OSX_ARCHITECTURES "")

# Nothing of this machine's is for that one.
set(CMAKE_FIND_ROOT_PATH ${BERTH_MACOS_PREFIX})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
