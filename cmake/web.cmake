# The web page of the job server, as C arrays. A file more is a row in WEB_FILES, and one in
# src/api/server_routes.c.
set(WEB_FILES index.html haul.css haul.js dialogs.js rows.js mirror.js server.js figures.js haul.svg)
set(WEB_DIR ${PROJECT_SOURCE_DIR}/assets/web)
set(WEB_SOURCE ${PROJECT_BINARY_DIR}/web_files.c)
list(JOIN WEB_FILES "," WEB_NAMES)
list(TRANSFORM WEB_FILES PREPEND ${WEB_DIR}/ OUTPUT_VARIABLE WEB_PATHS)
add_custom_command(OUTPUT ${WEB_SOURCE}
                   COMMAND ${CMAKE_COMMAND} -DOUT=${WEB_SOURCE} -DDIR=${WEB_DIR}
                           -DFILES=${WEB_NAMES} -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
                   DEPENDS ${WEB_PATHS} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
                           ${PROJECT_SOURCE_DIR}/cmake/web.cmake
                   VERBATIM)
