# embed_files(TARGET FOLDER TABLE): puts every file below FOLDER into TARGET as bytes, and defines
# `std::span<const message_service::service::EmbeddedFile> TABLE()` (src/service/embedded_files.h) over them.
function(embed_files TARGET FOLDER TABLE)
  file(GLOB_RECURSE FILES CONFIGURE_DEPENDS RELATIVE ${FOLDER} ${FOLDER}/*)
  if(NOT FILES)
    message(FATAL_ERROR "${FOLDER} is empty: build the page first (npm ci && npm run build in web/), as ./run does")
  endif()
  set(ASSEMBLY "")
  set(EXTERNS "")
  set(ROWS "")
  set(INDEX 0)
  foreach(FILE ${FILES})
    set(SYMBOL embedded_${TABLE}_${INDEX})
    string(APPEND ASSEMBLY ".global ${SYMBOL}\n.global ${SYMBOL}_end\n${SYMBOL}:\n.incbin \"${FOLDER}/${FILE}\"\n${SYMBOL}_end:\n")
    string(APPEND EXTERNS "extern \"C\" const char ${SYMBOL}[], ${SYMBOL}_end[];\n")
    string(APPEND ROWS "      {\"/${FILE}\", {${SYMBOL}, static_cast<std::size_t>(${SYMBOL}_end - ${SYMBOL})}},\n")
    list(APPEND PATHS ${FOLDER}/${FILE})
    math(EXPR INDEX "${INDEX} + 1")
  endforeach()
  set(BASE ${CMAKE_CURRENT_BINARY_DIR}/${TABLE})
  file(CONFIGURE OUTPUT ${BASE}.s CONTENT ".section .rodata\n${ASSEMBLY}.section .note.GNU-stack,\"\",@progbits\n" @ONLY)
  file(CONFIGURE OUTPUT ${BASE}.cc CONTENT
"#include <array>

#include \"service/embedded_files.h\"

${EXTERNS}
namespace message_service::service {

std::span<const EmbeddedFile> ${TABLE}() {
  static const std::array<EmbeddedFile, ${INDEX}> files{{
${ROWS}  }};
  return files;
}

}  // namespace message_service::service
" @ONLY)
  set_source_files_properties(${BASE}.s PROPERTIES OBJECT_DEPENDS "${PATHS}")
  target_sources(${TARGET} PRIVATE ${BASE}.s ${BASE}.cc)
endfunction()
