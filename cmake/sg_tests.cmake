# Sources that a test adds to its own: random bytes that it decides, secrets that run out, SHAKE128 (see their headers).
set(SG_DET_RAND ${CMAKE_SOURCE_DIR}/tests/support/det_rand.c)
set(SG_ALLOC_FAIL ${CMAKE_SOURCE_DIR}/tests/support/alloc_fail.c)
set(SG_SHAKE128 ${CMAKE_SOURCE_DIR}/tests/support/shake128.c)

# sg_unit_test(LAYER MODULE [SOURCES...]): tests/unit/LAYER/test_MODULE.c, one executable, linked to that layer alone.
function(sg_unit_test layer module)
    string(REPLACE "/" "_" layer_id ${layer})
    set(name test_${layer_id}_${module})
    add_executable(${name} ${CMAKE_SOURCE_DIR}/tests/unit/${layer}/test_${module}.c ${ARGN})
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_SOURCE_DIR})
    target_compile_definitions(${name} PRIVATE SG_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    # libcheck's macros call variadic functions in ways that -Wpedantic does not like.
    target_compile_options(${name} PRIVATE -Wno-pedantic -Wno-gnu-zero-variadic-macro-arguments)
    target_link_libraries(${name} PRIVATE sg_${layer_id} sg_test_support dep_check)
    add_test(NAME unit/${layer}/${module} COMMAND ${name})
    set_tests_properties(unit/${layer}/${module} PROPERTIES ENVIRONMENT "CK_FORK=no" TIMEOUT 600)
endfunction()

# sg_fuzz_test(NAME LAYER): tests/fuzz/fuzz_NAME.c. With SG_FUZZ a libFuzzer target; always a test over its corpus.
function(sg_fuzz_test name layer)
    string(REPLACE "/" "_" layer_id ${layer})
    set(source ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_${name}.c)
    if(SG_FUZZ)
        add_executable(fuzz_${name} ${source})
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
        add_executable(fuzz_${name} ${source} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.c)
        add_test(NAME corpus/${name} COMMAND fuzz_${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
        set_tests_properties(corpus/${name} PROPERTIES TIMEOUT 300)
    endif()
    target_include_directories(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_SOURCE_DIR})
    target_link_libraries(fuzz_${name} PRIVATE sg_${layer_id})
endfunction()
