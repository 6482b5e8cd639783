# Everything comes from the system's packages (tools/packages); nothing is downloaded here.
# Static libraries, so that the binary runs on any Debian 12 with nothing installed.
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(Threads REQUIRED)
set(OPENSSL_USE_STATIC_LIBS ON)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(SQLite3 3.35 REQUIRED)
find_library(sqlite3_static libsqlite3.a REQUIRED)
find_package(CLI11 2.1 REQUIRED)
if(BUILD_TESTING)
  find_package(doctest 2.4.9 REQUIRED)
endif()
