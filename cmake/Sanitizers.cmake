# WHYLINK_SANITIZE and WHYLINK_COVERAGE apply to everything that is compiled here, so that no object
# file is left uninstrumented beside instrumented ones.
if(WHYLINK_SANITIZE)
  add_compile_options(-fsanitize=${WHYLINK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WHYLINK_SANITIZE})
  if(WHYLINK_SANITIZE MATCHES "undefined")
    # The vptr check opens a pipe to see whether memory can be read, and reports a bad object when there is no descriptor
    # left: exactly what some tests are about.
    add_compile_options(-fno-sanitize=vptr)
    add_link_options(-fno-sanitize=vptr)
  endif()
  if(WHYLINK_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio's fenced blocks use atomic_thread_fence, which TSan does not model.
    add_compile_options(-Wno-tsan)
  endif()
endif()
if(WHYLINK_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
