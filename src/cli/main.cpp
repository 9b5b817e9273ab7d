#include "cli/app.hpp"
#include "cli/dialogue.hpp"

int main(int argc, char** argv) {
    tidemark::cli::explain_interruption();
    return tidemark::cli::run(argc, argv);
}
