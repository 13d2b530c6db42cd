# The web page of the job server, as C arrays.
set(WEB_DIR ${PROJECT_SOURCE_DIR}/assets/web)
set(WEB_SOURCE ${PROJECT_BINARY_DIR}/web_files.c)
add_custom_command(OUTPUT ${WEB_SOURCE}
                   COMMAND ${CMAKE_COMMAND} -DOUT=${WEB_SOURCE} -DDIR=${WEB_DIR}
                           -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
                   DEPENDS ${WEB_DIR}/index.html ${WEB_DIR}/haul.css ${WEB_DIR}/haul.js
                           ${WEB_DIR}/haul.svg ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
                   VERBATIM)
