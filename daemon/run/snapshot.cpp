#include "daemon/run/snapshot.hpp"
