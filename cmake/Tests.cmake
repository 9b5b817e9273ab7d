# One executable holds every test: the unit tests that stand beside the code, and the scenarios.

find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
include(GoogleTest)

# Random histories of devices and a primary: a program of its own to replay a seed or run many, and
# a fixed set among the tests.
set(sim_main ${PROJECT_SOURCE_DIR}/tests/sim/main.cpp)
list(REMOVE_ITEM SIM ${sim_main})
add_library(tidemark-sim-parts STATIC ${SIM})
target_include_directories(tidemark-sim-parts PUBLIC tests)
target_link_libraries(tidemark-sim-parts PUBLIC tidemark-internal)
target_precompile_headers(tidemark-sim-parts PRIVATE ${TIDEMARK_HEAVY_HEADERS})
add_executable(tidemark-sim ${sim_main})
target_link_libraries(tidemark-sim PRIVATE tidemark-sim-parts)

add_executable(tidemark-tests ${TESTS})
target_link_libraries(tidemark-tests PRIVATE tidemark-sim-parts
    $<TARGET_NAME_IF_EXISTS:tidemark-cli-parts> tidemark-server tidemark-internal
    GTest::gtest_main rapidcheck rapidcheck_gtest)
target_include_directories(tidemark-tests PRIVATE tests) # "support/…"
target_precompile_headers(tidemark-tests PRIVATE ${TIDEMARK_HEAVY_HEADERS} <gtest/gtest.h>)

# Tests that run the command as a user would find it here.
target_compile_definitions(tidemark-tests PRIVATE
    TIDEMARK_COMMAND="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/tidemark"
    TIDEMARK_SOURCE="${PROJECT_SOURCE_DIR}")
if(TARGET tidemark-cli)
    add_dependencies(tidemark-tests tidemark-cli)
endif()

# Each test is its own process, so that `ctest -j` runs them side by side.
gtest_discover_tests(tidemark-tests
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 120
    PROPERTIES TIMEOUT 300)
