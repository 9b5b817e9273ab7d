# How everything here is compiled: language, warnings, assertions, sanitizers, ccache.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON) # the archive also goes into loadable modules
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release)
endif()

# Assertions stay on in every build, and -O2 is the optimisation that we measure and ship.
foreach(config RELEASE RELWITHDEBINFO MINSIZEREL)
    string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_${config} "${CMAKE_CXX_FLAGS_${config}}")
    string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_${config} "${CMAKE_CXX_FLAGS_${config}}")
endforeach()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion
                    -Wnon-virtual-dtor -Woverloaded-virtual)
if(PROJECT_IS_TOP_LEVEL)
    set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # These come from the optimiser, and GCC 12 gives them for correct code that it inlines from its
    # own headers: std::string assignment and operator+ (GCC bug 105651), growth of a
    # std::vector<unsigned char>, std::optional or std::variant that is moved from; and from
    # boost/json/impl/array.hpp. The asan preset finds the real ones.
    add_compile_options(-Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
                        -Wno-maybe-uninitialized -Wno-dangling-pointer)
endif()

if(TIDEMARK_SANITIZE)
    add_compile_options(-fsanitize=${TIDEMARK_SANITIZE} -fno-sanitize-recover=all
                        -fno-omit-frame-pointer -O1)
    add_link_options(-fsanitize=${TIDEMARK_SANITIZE})
endif()

# The standard headers that most files here include. The sanitizer presets build without them, so a
# file that forgets an include of its own is found there.
set(TIDEMARK_HEAVY_HEADERS
    <algorithm> <chrono> <cstdint> <filesystem> <functional> <map> <memory> <optional> <set> <span>
    <string> <string_view> <unordered_map> <utility> <variant> <vector>)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # ccache refuses precompiled headers unless it is told that these are no concern.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-fpch-preprocess)
    endif()
endif()
