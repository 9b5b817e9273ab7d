// tidemark-sim --seed N | --seeds A..B [--minutes M] [--no-files] [--keep]
// Plays random histories of devices and a primary, and checks that nothing is lost.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "sim/world.hpp"

namespace {

using tidemark::sim::Faults;
using tidemark::sim::World;

struct Arguments {
    std::uint64_t first = 1;
    std::uint64_t last = 1'000;
    double minutes = 0;
    bool replay = false;
    Faults faults;
};

[[noreturn]] void usage() {
    std::fprintf(
        stderr,
        "usage: tidemark-sim --seed N | --seeds A..B [--minutes M] [--no-files] [--keep]\n");
    std::exit(2);
}

Arguments parse(int argc, char** argv) {
    Arguments out;
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        const auto value = [&]() -> std::string {
            if (++i >= argc) usage();
            return argv[i];
        };
        if (option == "--seed") {
            out.first = out.last = std::stoull(value());
            out.replay = true;
        } else if (option == "--seeds") {
            const std::string range = value();
            const std::size_t dots = range.find("..");
            if (dots == std::string::npos) usage();
            out.first = std::stoull(range.substr(0, dots));
            out.last = std::stoull(range.substr(dots + 2));
        } else if (option == "--minutes") {
            out.minutes = std::stod(value());
        } else if (option == "--keep") {
            out.faults.keep = true;
        } else if (option == "--no-files") {
            out.faults.files = false;
        } else {
            usage();
        }
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse(argc, argv);
    const auto started = std::chrono::steady_clock::now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    };
    std::uint64_t passed = 0, failed = 0;
    for (std::uint64_t seed = arguments.first; seed <= arguments.last; ++seed) {
        if (arguments.minutes > 0 && seconds() > arguments.minutes * 60) break;
        World world(seed, arguments.faults);
        const std::string wrong = world.play();
        if (arguments.replay) {
            for (const std::string& line : world.log()) std::printf("%s\n", line.c_str());
        }
        if (wrong.empty()) {
            ++passed;
        } else {
            ++failed;
            std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), wrong.c_str());
        }
    }
    std::printf("%.1f histories per second\n", static_cast<double>(passed + failed) / seconds());
    std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(passed),
                static_cast<unsigned long long>(failed));
    return failed == 0 ? 0 : 1;
}
