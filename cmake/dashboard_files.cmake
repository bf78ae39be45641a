# cmake -DDIST=web/dist -DLIST=FILE -DOUT=FILE.cpp -P dashboard_files.cmake: writes the source file of
# belay_dashboard (see Dashboard.cmake). x.br and x.gz are other forms of x; source maps are left out.
cmake_minimum_required(VERSION 3.25)

set(type_html "text/html; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_json "application/json")
set(type_webmanifest "application/manifest+json")
set(type_svg "image/svg+xml")
set(type_png "image/png")
set(type_ico "image/x-icon")
set(type_woff2 "font/woff2")
set(type_txt "text/plain; charset=utf-8")

file(STRINGS "${LIST}" parts)
set(bytes "")
set(symbols "")
set(rows "")
set(count 0)

# A form of a file as bytes between two symbols; ${into} becomes the expression for them.
macro(add_bytes path into)
  string(APPEND bytes "BELAY_BYTES(${count}, \"${path}\")\n")
  string(APPEND symbols "extern const char belay_file_${count}[], belay_file_${count}_end[];\n")
  set(${into} "{belay_file_${count}, belay_file_${count}_end}")
  math(EXPR count "${count} + 1")
endmacro()

foreach(part IN LISTS parts)
  if(part MATCHES "\\.(br|gz|map)$")
    continue()
  endif()
  file(RELATIVE_PATH name "${DIST}" "${part}")
  string(REGEX MATCH "[^.]*$" ending "${name}")
  if(DEFINED type_${ending})
    set(type "${type_${ending}}")
  else()
    set(type "application/octet-stream")
  endif()
  file(SHA256 "${part}" tag)
  string(SUBSTRING "${tag}" 0 16 tag)
  add_bytes("${part}" plain)
  foreach(form gz br)
    set(form_${form} "{}")
    if("${part}.${form}" IN_LIST parts)
      add_bytes("${part}.${form}" form_${form})
    endif()
  endforeach()
  string(APPEND rows "      {\"/${name}\", \"${type}\", \"${tag}\", ${plain}, ${form_gz}, ${form_br}},\n")
endforeach()
if(rows STREQUAL "")
  set(body "  return {};\n")
else()
  set(body "  static const DashboardFile files[] = {\n${rows}  };\n  return files;\n")
endif()

file(WRITE "${OUT}" "// Made by cmake/dashboard_files.cmake.
#include \"api/dashboard/files.h\"

#define BELAY_BYTES(n, path)                                                        \\
  asm(\".section .rodata\\n.global belay_file_\" #n \"\\n.global belay_file_\" #n      \\
      \"_end\\nbelay_file_\" #n \":\\n.incbin \\\"\" path \"\\\"\\nbelay_file_\" #n \"_end:\\n.byte 0\\n.previous\\n\");

${bytes}
extern \"C\" {
${symbols}}

namespace belay::api {

std::span<const DashboardFile> dashboard_files() {
${body}}

}  // namespace belay::api
")
