#include "daemon/http/metrics.hpp"
