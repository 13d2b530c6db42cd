# How every target is compiled: language level, warnings, hardening, sanitizers.
add_library(haul_options INTERFACE)
target_include_directories(haul_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_features(haul_options INTERFACE c_std_17)
set(CMAKE_C_EXTENSIONS ON)
target_compile_definitions(haul_options INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64
                           HAUL_VERSION="${PROJECT_VERSION}")

target_compile_options(haul_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wold-style-definition -Wvla -Wformat=2 -Wdouble-promotion -Wcast-qual
  -Wpointer-arith -Wwrite-strings -Wundef -Wimplicit-fallthrough -Wdate-time
  $<$<C_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>
  $<$<C_COMPILER_ID:Clang>:-Wthread-safety -Wcomma -Wunreachable-code>)

target_compile_options(haul_options INTERFACE -fno-common -fstack-protector-strong
                       -fvisibility=hidden)
target_link_options(haul_options INTERFACE -Wl,-z,relro,-z,now)

if(HAUL_SANITIZE)
  target_compile_options(haul_options INTERFACE -fsanitize=${HAUL_SANITIZE}
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(haul_options INTERFACE -fsanitize=${HAUL_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(haul_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()

if(HAUL_FUZZ)
  target_compile_options(haul_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
