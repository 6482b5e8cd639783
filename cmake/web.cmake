# The pages (src/web) within the binary. They are made by Node with what `tools/setup web` fetched; where that is not
# there, a binary without pages comes out, which says so when it is asked for one.
set(LMSTRESS_WEB AUTO CACHE STRING "Pages within the binary: ON, OFF, or AUTO, if Node and its packages are there")
set_property(CACHE LMSTRESS_WEB PROPERTY STRINGS AUTO ON OFF)

set(web ${PROJECT_SOURCE_DIR}/src/web)
set(web_pages OFF)
if(LMSTRESS_WEB)
  find_program(LMSTRESS_NODE NAMES node nodejs DOC "Node, which puts the pages together")
  mark_as_advanced(LMSTRESS_NODE)
  if(LMSTRESS_NODE AND EXISTS ${web}/node_modules/esbuild AND EXISTS ${web}/node_modules/uplot)
    set(web_pages ON)
  elseif(LMSTRESS_WEB STREQUAL AUTO)
    message(STATUS "No pages within the binary: Node or its packages are missing (tools/setup web)")
  else()
    message(FATAL_ERROR "LMSTRESS_WEB needs Node and its packages; run tools/setup web")
  endif()
endif()

# Sets VARIABLE to the source that defines what src/web/pages.hpp declares.
function(lmstress_web_source variable)
  if(NOT web_pages)
    set(${variable} ${web}/no_pages.cpp PARENT_SCOPE)
    return()
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS
    ${web}/charts/* ${web}/report/* ${web}/dashboard/* ${web}/style/* ${web}/shared/*)
  set(into ${CMAKE_CURRENT_BINARY_DIR}/web)
  add_custom_command(
    OUTPUT ${into}/pages.cpp
    BYPRODUCTS ${into}/report.html ${into}/dashboard.html
    COMMAND ${LMSTRESS_NODE} ${web}/build.mjs ${into}
    DEPENDS ${sources} ${web}/build.mjs ${web}/package-lock.json
    COMMENT "Putting the pages together")
  set(${variable} ${into}/pages.cpp PARENT_SCOPE)
endfunction()
