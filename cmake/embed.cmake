# cmake -DOUT=FILE.c -DDIR=DIR -DFILES=FILE,FILE,... -P embed.cmake: the files of the web page as C
# arrays, and the table of them.
set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

set(text "/* Made by cmake/embed.cmake. */\n#include \"api/web_files.h\"\n")
set(table "")
string(REPLACE "," ";" FILES "${FILES}")
foreach(file ${FILES})
  string(MAKE_C_IDENTIFIER "${file}" name)
  string(REGEX REPLACE ".*[.]" "" extension "${file}")
  string(REGEX REPLACE "^index[.]html$" "" path "${file}")
  file(READ ${DIR}/${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
  string(APPEND text "static unsigned char ${name}[] = {\n${bytes}\n};\n")
  string(APPEND table "    {\"/${path}\", \"${type_${extension}}\", ${name}, sizeof ${name}},\n")
endforeach()
string(APPEND text "const struct web_file web_files[] = {\n${table}};\n"
                   "const size_t web_file_count = sizeof web_files / sizeof *web_files;\n")
file(WRITE ${OUT} "${text}")
