# embed_files(TARGET FOLDER TABLE): puts every file below FOLDER into TARGET as bytes, as it is and compressed, and defines
# `std::span<const message_service::service::EmbeddedFile> TABLE()` (src/service/embedded_files.h) over them.
find_program(NODE node REQUIRED)

function(embed_files TARGET FOLDER TABLE)
  file(GLOB_RECURSE FILES CONFIGURE_DEPENDS RELATIVE ${FOLDER} ${FOLDER}/*)
  if(NOT FILES)
    message(FATAL_ERROR "${FOLDER} is empty: build the page first (npm ci && npm run build in web/), as ./run does")
  endif()
  set(COMPRESS ${PROJECT_SOURCE_DIR}/cmake/compress.mjs)
  set(BASE ${CMAKE_CURRENT_BINARY_DIR}/${TABLE})
  set(ASSEMBLY "")
  set(EXTERNS "")
  set(ROWS "")
  set(INDEX 0)
  foreach(FILE ${FILES})
    set(OUT ${BASE}/${FILE})
    add_custom_command(OUTPUT ${OUT}.br ${OUT}.gz COMMAND ${NODE} ${COMPRESS} ${FOLDER}/${FILE} ${OUT}
                       DEPENDS ${FOLDER}/${FILE} ${COMPRESS} COMMENT "Compressing ${FILE}" VERBATIM)
    set(VIEWS "")
    foreach(FORM ${FOLDER}/${FILE} ${OUT}.br ${OUT}.gz)
      set(SYMBOL embedded_${TABLE}_${INDEX})
      string(APPEND ASSEMBLY ".global ${SYMBOL}\n.global ${SYMBOL}_end\n${SYMBOL}:\n.incbin \"${FORM}\"\n${SYMBOL}_end:\n")
      string(APPEND EXTERNS "extern \"C\" const char ${SYMBOL}[], ${SYMBOL}_end[];\n")
      string(APPEND VIEWS ", {${SYMBOL}, static_cast<std::size_t>(${SYMBOL}_end - ${SYMBOL})}")
      list(APPEND PATHS ${FORM})
      math(EXPR INDEX "${INDEX} + 1")
    endforeach()
    string(APPEND ROWS "      {\"/${FILE}\"${VIEWS}},\n")
  endforeach()
  list(LENGTH FILES COUNT)
  file(CONFIGURE OUTPUT ${BASE}.s CONTENT ".section .rodata\n${ASSEMBLY}.section .note.GNU-stack,\"\",@progbits\n" @ONLY)
  file(CONFIGURE OUTPUT ${BASE}.cc CONTENT
"#include <array>

#include \"service/embedded_files.h\"

${EXTERNS}
namespace message_service::service {

std::span<const EmbeddedFile> ${TABLE}() {
  static const std::array<EmbeddedFile, ${COUNT}> files{{
${ROWS}  }};
  return files;
}

}  // namespace message_service::service
" @ONLY)
  set_source_files_properties(${BASE}.s PROPERTIES OBJECT_DEPENDS "${PATHS}")
  target_sources(${TARGET} PRIVATE ${BASE}.s ${BASE}.cc)
endfunction()
