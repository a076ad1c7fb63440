#include "daemon/run/histogram.hpp"
