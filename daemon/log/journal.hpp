// Whether what is written somewhere ends up in systemd's journal.
#pragma once

namespace whylink::daemon {

/// systemd.exec(5), JOURNAL_STREAM: "dev:inode" of the stream when it is connected to the journal. A
/// descriptor that was redirected since has other numbers.
bool read_by_journal(int fd);

}  // namespace whylink::daemon
