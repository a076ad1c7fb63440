# Third-party libraries, all from Debian 12, as targets. They are SYSTEM, so that our warnings stay ours.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

if(NOT WHYLINK_FUZZERS)
  find_package(OpenSSL 3.0 REQUIRED)
  pkg_check_modules(CARES REQUIRED IMPORTED_TARGET libcares)
  find_path(ASIO_INCLUDE_DIR asio.hpp REQUIRED)
  find_package(fmt REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_package(CLI11 REQUIRED)
endif()
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
