// ClickHouse's native protocol as far as the Hello (https://clickhouse.com/docs/native-protocol/client,
// src/Server/TCPHandler.cpp and src/IO/WriteHelpers.h of its sources).
#pragma once

#include <memory>

#include "probes/app/codecs/codec.hpp"

namespace whylink::probes {

std::unique_ptr<Codec> make_clickhouse_native(const AppRequest& request);

}  // namespace whylink::probes
