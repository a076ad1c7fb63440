// The demo as one report.
#pragma once

namespace whylink::demo {

/// Checks every scene once and shows the report; 0 when each diagnosis is the intended one. Inside the
/// sandbox; throws what Stage throws.
int check_once();

}  // namespace whylink::demo
