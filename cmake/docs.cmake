# The manual page and the completions, made from the tables of options and keys.
add_executable(haul-docs assets/docs_main.c)
target_link_libraries(haul-docs PRIVATE haul_options haul_cli haul_tui)

set(HAUL_DOCS_DIR ${PROJECT_BINARY_DIR}/docs)
set(HAUL_DOCS ${HAUL_DOCS_DIR}/haul.1 ${HAUL_DOCS_DIR}/haul.bash ${HAUL_DOCS_DIR}/_haul
              ${HAUL_DOCS_DIR}/haul.fish)
file(MAKE_DIRECTORY ${HAUL_DOCS_DIR})
add_custom_command(OUTPUT ${HAUL_DOCS}
                   COMMAND haul-docs ${PROJECT_SOURCE_DIR}/assets/haul.1.in ${HAUL_DOCS_DIR}
                   DEPENDS haul-docs assets/haul.1.in VERBATIM)
add_custom_target(docs ALL DEPENDS ${HAUL_DOCS})
