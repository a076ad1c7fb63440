#include "daemon/http/routes.hpp"
