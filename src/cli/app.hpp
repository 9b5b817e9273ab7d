#pragma once

namespace tidemark::cli {

/// The whole command: reads the arguments, does what they say, reports, and returns the exit code.
int run(int argc, char** argv);

}  // namespace tidemark::cli
