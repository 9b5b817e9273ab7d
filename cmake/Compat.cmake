# Sessions of the official clients against the command that was just built. Installing the clients is
# a test of its own, which the sessions need.

option(TIDEMARK_COMPAT "Run the official clients against the server (needs a network once)" ON)
if(NOT TIDEMARK_COMPAT OR NOT TARGET tidemark-cli)
    return()
endif()

set(compat_dir ${PROJECT_SOURCE_DIR}/tests/compat)
set(compat_build ${PROJECT_BINARY_DIR}/compat)

add_test(NAME Compat.install COMMAND ${compat_dir}/install ${compat_build})
set_tests_properties(Compat.install PROPERTIES FIXTURES_SETUP compat_clients TIMEOUT 900)

# Further arguments are the program.
function(tidemark_compat name)
    add_test(NAME Compat.${name}
        COMMAND ${compat_dir}/run.py $<TARGET_FILE:tidemark-cli> ${name} ${ARGN})
    set_tests_properties(Compat.${name} PROPERTIES FIXTURES_REQUIRED compat_clients TIMEOUT 300)
endfunction()

tidemark_compat(libsql_client_http node ${compat_build}/node/libsql_client.mjs http)
tidemark_compat(libsql_client_ws node ${compat_build}/node/libsql_client.mjs ws)
tidemark_compat(serverless node ${compat_build}/node/serverless.mjs)
tidemark_compat(libsql_native node ${compat_build}/node/libsql_native.mjs)
tidemark_compat(libsql_python
    ${compat_build}/python/venv/bin/python ${compat_build}/python/libsql_session.py)
tidemark_compat(libsql_go_http ${compat_build}/go/session http)
tidemark_compat(libsql_go_ws ${compat_build}/go/session ws)
