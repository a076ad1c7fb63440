#include "daemon/run/schedule.hpp"
