# cmake -DOUT=FILE.c -DDIR=DIR -P embed.cmake: the files of the web page as C arrays.
set(text "/* Made by cmake/embed.cmake. */\n#include \"api/web_files.h\"\n")
foreach(pair index:index.html style:haul.css script:haul.js icon:haul.svg)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 name)
  list(GET pair 1 file)
  file(READ ${DIR}/${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
  string(APPEND text "unsigned char web_${name}[] = {\n${bytes}\n};\n"
                     "const size_t web_${name}_len = sizeof web_${name};\n")
endforeach()
file(WRITE ${OUT} "${text}")
