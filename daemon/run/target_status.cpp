#include "daemon/run/target_status.hpp"
