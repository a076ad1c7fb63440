#include "daemon/http/gzip.hpp"
