#include "checks/health.hpp"
