#include "daemon/run/notify.hpp"
