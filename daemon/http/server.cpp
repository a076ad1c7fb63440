#include "daemon/http/server.hpp"
