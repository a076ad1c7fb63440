#include "daemon/log/log.hpp"
