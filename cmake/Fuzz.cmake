# tests/fuzz/NAME_fuzz.cpp is one target. Built by Clang with TIDEMARK_FUZZ it becomes NAME-fuzz, a
# libFuzzer program; everywhere else NAME-replay, which runs as a test over tests/fuzz/corpus/NAME
# and over changed copies of it for a moment.

option(TIDEMARK_FUZZ "Build the fuzz targets with libFuzzer (Clang only)" OFF)

# Further arguments are what the target links.
function(tidemark_fuzz name)
    set(source ${PROJECT_SOURCE_DIR}/tests/fuzz/${name}_fuzz.cpp)
    if(TIDEMARK_FUZZ)
        set(program ${name}-fuzz)
        add_executable(${program} ${source})
        target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    else()
        set(program ${name}-replay)
        add_executable(${program} ${source} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cpp)
        add_test(NAME Fuzz.${name}
            COMMAND ${program} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name} 2)
        set_tests_properties(Fuzz.${name} PROPERTIES TIMEOUT 120)
    endif()
    target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${program} PRIVATE tidemark-internal ${ARGN})
endfunction()

tidemark_fuzz(json)
tidemark_fuzz(protobuf)
tidemark_fuzz(jwt)
tidemark_fuzz(baton tidemark-server)
tidemark_fuzz(http tidemark-server)
tidemark_fuzz(frames tidemark-server)
tidemark_fuzz(websocket tidemark-server)
