# Compiler flags, compiler cache and linker, for every target of this project.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are only cached with these: the header is known by content, not by time.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true
      ${CCACHE_PROGRAM})
endif()

# LTO is off, so any linker does; the fast ones save seconds per test program.
find_program(MOLD_PROGRAM mold)
find_program(LLD_PROGRAM ld.lld NAMES ld.lld ld.lld-19)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
elseif(LLD_PROGRAM AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()

add_library(aigw_flags INTERFACE)
target_compile_options(aigw_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these for code inside its own headers (and Asio's coroutine frames) once it has inlined it.
  target_compile_options(aigw_flags INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
    -Wno-array-bounds -Wno-dangling-pointer -Wno-mismatched-new-delete)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # std::stable_sort of libstdc++ 12 uses what C++17 deprecated.
  target_compile_options(aigw_flags INTERFACE -Wno-deprecated-declarations)
endif()
target_compile_definitions(aigw_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
add_compile_options($<$<CONFIG:Release>:-fstack-protector-strong>)
add_link_options(LINKER:-z,relro,-z,now)
# Everything ends in programs, never in a shared object: with -fPIC any function could be replaced from outside, and is
# neither inlined nor called directly.
add_compile_options(-fPIE)
add_link_options($<$<NOT:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>>:-pie>)

if(AIGW_SANITIZE)
  add_compile_options(-fsanitize=${AIGW_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${AIGW_SANITIZE})
  if(AIGW_SANITIZE MATCHES "thread")
    add_compile_options(-Wno-error=tsan)
  endif()
endif()

if(AIGW_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
