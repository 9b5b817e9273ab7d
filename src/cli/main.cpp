#include "cli/app.hpp"

int main(int argc, char** argv) { return tidemark::cli::run(argc, argv); }
