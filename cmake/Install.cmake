# `cmake --install` gives the library, its headers, find_package(Tidemark) and the command.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Tidemark)

install(TARGETS tidemark EXPORT TidemarkTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT TidemarkTargets NAMESPACE tidemark:: DESTINATION ${package_dir})
install(DIRECTORY include/tidemark DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET tidemark-cli)
    install(TARGETS tidemark-cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

    # What the command says of itself: completion for shells, and manual pages.
    install(CODE "
        set(out \"${PROJECT_BINARY_DIR}/from-command\")
        file(MAKE_DIRECTORY \"\${out}\")
        function(write file)
            execute_process(COMMAND \"$<TARGET_FILE:tidemark-cli>\" \${ARGN}
                            OUTPUT_FILE \"\${out}/\${file}\" COMMAND_ERROR_IS_FATAL ANY)
        endfunction()
        write(tidemark completion bash)
        write(_tidemark completion zsh)
        write(tidemark.fish completion fish)
        write(tidemark.1 man)
        foreach(command attach clone sync watch status log devices conflicts verify detach backup
                        restore export import shell login logout whoami config serve)
            write(tidemark-\${command}.1 man \${command})
        endforeach()
    ")
    set(from ${PROJECT_BINARY_DIR}/from-command)
    set(shells ${CMAKE_INSTALL_DATADIR})
    install(FILES ${from}/tidemark DESTINATION ${shells}/bash-completion/completions)
    install(FILES ${from}/_tidemark DESTINATION ${shells}/zsh/site-functions)
    install(FILES ${from}/tidemark.fish DESTINATION ${shells}/fish/vendor_completions.d)
    install(DIRECTORY ${from}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
            FILES_MATCHING PATTERN "*.1")
endif()

if(TARGET tidemark-cli)
    # A server as a service of the system, which has to say where the command came to lie, and an
    # example of its settings.
    install(CODE "
        set(program \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/tidemark\")
        configure_file(\"${PROJECT_SOURCE_DIR}/packaging/tidemark-serve.service.in\"
                       \"${PROJECT_BINARY_DIR}/tidemark-serve.service\" @ONLY)
    ")
    install(FILES ${PROJECT_BINARY_DIR}/tidemark-serve.service DESTINATION lib/systemd/system)
    install(FILES packaging/serve.toml DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

configure_package_config_file(cmake/TidemarkConfig.cmake.in
    ${PROJECT_BINARY_DIR}/TidemarkConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TidemarkConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/TidemarkConfig.cmake
              ${PROJECT_BINARY_DIR}/TidemarkConfigVersion.cmake
        DESTINATION ${package_dir})
