#pragma once

namespace tidemark::cli {

/// For a program that has come to rest for a while: gives the system back what the allocator keeps
/// for later, and the pages of programs and libraries, of which a start touches many times what a
/// rest needs. The system still has those, and maps each again when it is used: a millisecond or so
/// for the next sync. Any thread may call it at any time.
void give_back_memory();

}  // namespace tidemark::cli
