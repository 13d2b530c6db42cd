# What `cmake --install` puts where, and the package that CPack makes of it.
include(cmake/docs.cmake)

install(TARGETS haul RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${HAUL_DOCS_DIR}/haul.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${HAUL_DOCS_DIR}/haul.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME haul)
install(FILES ${HAUL_DOCS_DIR}/_haul DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${HAUL_DOCS_DIR}/haul.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES assets/recipe.json assets/Containerfile DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The job server as a service, of the machine or of a user.
foreach(kind system user)
  configure_file(assets/systemd/${kind}/haul.service.in ${PROJECT_BINARY_DIR}/systemd/${kind}/haul.service @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/systemd/${kind}/haul.service
          DESTINATION lib/systemd/${kind})
endforeach()
install(FILES assets/systemd/user/haul.socket DESTINATION lib/systemd/user)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "*.json")

set(CPACK_GENERATOR "DEB;TGZ")
set(CPACK_PACKAGE_CONTACT "the haul authors")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_STRIP_FILES ON)
include(CPack)
