# Warnings, hardening and sanitizers, as one INTERFACE target that the bottom layer carries to all others.
include(CheckCCompilerFlag)
add_library(sg_flags INTERFACE)

set(sg_warnings
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wvla -Wundef -Wcast-qual -Wcast-align -Wwrite-strings -Wformat=2 -Wswitch-enum -Wimplicit-fallthrough
    -Wnull-dereference -Wpointer-arith -Wredundant-decls)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(APPEND sg_warnings -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init)
else()
    list(APPEND sg_warnings -Wcomma -Wconditional-uninitialized -Wdocumentation)
endif()
target_compile_options(sg_flags INTERFACE ${sg_warnings} $<$<BOOL:${SG_WERROR}>:-Werror>)
target_compile_definitions(sg_flags INTERFACE _GNU_SOURCE SG_VERSION="${PROJECT_VERSION}")

if(SG_HARDEN)
    # Some flags are unknown to some compilers: probe, do not assume.
    foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fno-strict-overflow
                 -fno-delete-null-pointer-checks -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr)
        string(MAKE_C_IDENTIFIER "SG_HAS${flag}" known)
        check_c_compiler_flag(${flag} ${known})
        if(${known})
            target_compile_options(sg_flags INTERFACE ${flag})
        endif()
    endforeach()
    target_compile_options(sg_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
    target_link_options(sg_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code)
endif()

if(SG_SANITIZE)
    target_compile_options(sg_flags INTERFACE -fsanitize=${SG_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(sg_flags INTERFACE -fsanitize=${SG_SANITIZE})
endif()
if(SG_FUZZ)
    target_compile_options(sg_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
