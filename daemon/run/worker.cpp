#include "daemon/run/worker.hpp"
