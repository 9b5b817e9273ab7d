# `cmake --install` gives the library, its headers, find_package(Tidemark) and the command.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Tidemark)

install(TARGETS tidemark EXPORT TidemarkTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT TidemarkTargets NAMESPACE tidemark:: DESTINATION ${package_dir})
install(DIRECTORY include/tidemark DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET tidemark-cli)
    install(TARGETS tidemark-cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

configure_package_config_file(cmake/TidemarkConfig.cmake.in
    ${PROJECT_BINARY_DIR}/TidemarkConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TidemarkConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/TidemarkConfig.cmake
              ${PROJECT_BINARY_DIR}/TidemarkConfigVersion.cmake
        DESTINATION ${package_dir})
