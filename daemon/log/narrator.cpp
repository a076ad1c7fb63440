#include "daemon/log/narrator.hpp"
