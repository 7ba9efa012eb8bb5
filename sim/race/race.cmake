# SPDX-License-Identifier: GPL-2.0-or-later
# The search for data races in plain data: docs/testing.md.
file(GLOB race_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/sim/race/*.cpp)
add_library(race STATIC ${race_sources})
target_compile_features(race PUBLIC cxx_std_20)
target_include_directories(race PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
target_link_libraries(race PUBLIC fmt::fmt Boost::headers dmcore)
set_source_files_properties(${PROJECT_SOURCE_DIR}/sim/race/source_places.cpp PROPERTIES
                            COMPILE_DEFINITIONS DMSIM_SOURCE_DIR="${PROJECT_SOURCE_DIR}/")
# In the hooks each instruction counts.
target_compile_options(race PRIVATE -O2)

# Debug information calls the top folder /dmsim (source_places.cpp), so that reports do not depend on where it is, nor on
# where an object in a compiler's cache was compiled.
function(dmsim_see_accesses target)
  target_compile_options(${target} PRIVATE -fsanitize=thread -fdebug-prefix-map=${PROJECT_SOURCE_DIR}=/dmsim)
endfunction()

# Compiles a static library so that each of its accesses to memory is seen. No -fsanitize=thread when linking: the
# functions that the compiler calls are those of sim/race.
function(dmsim_find_races library)
  dmsim_see_accesses(${library})
  target_link_libraries(${library} PUBLIC race)
  add_custom_command(TARGET ${library} POST_BUILD VERBATIM COMMAND_EXPAND_LISTS
    COMMAND ${PROJECT_SOURCE_DIR}/sim/race/own_copies.sh ${CMAKE_NM} ${CMAKE_LINKER} ${CMAKE_OBJCOPY} ${CMAKE_AR}
            $<TARGET_FILE:${library}> $<TARGET_OBJECTS:${library}>)
endfunction()
