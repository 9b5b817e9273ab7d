#pragma once

#include <sqlite3.h>

namespace tidemark::sim {

class Machine;

/// A VFS whose files are on the machine's disk, in memory, and whose time is the machine's. It
/// promises SQLite what the usual VFS promises (a write damages nothing beside it) and no more.
/// The machine must outlive every connection through it. One thread.
sqlite3_vfs memory_vfs(Machine& machine);

}  // namespace tidemark::sim
