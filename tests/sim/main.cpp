// tidemark-sim --seed N | --seeds A..B [--minutes M] [--jobs N] [--without KIND]… [--events N]
// Plays random histories of devices and a primary, and checks that nothing is lost.

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "sim/world.hpp"

namespace {

using tidemark::sim::Ending;
using tidemark::sim::Faults;
using tidemark::sim::World;

struct Arguments {
    std::uint64_t first = 1;
    std::uint64_t last = 1'000;
    std::uint64_t jobs = 1;
    double minutes = 0;
    Faults faults;
};

[[noreturn]] void usage() {
    std::fprintf(stderr,
                 "usage: tidemark-sim --seed N | --seeds A..B [--minutes M] [--jobs N]\n"
                 "           [--without network|clocks|power|space|files|schemas|outside]…\n"
                 "           [--events N]\n");
    std::exit(2);
}

bool& fault_named(Faults& faults, const std::string& name) {
    if (name == "network") return faults.network;
    if (name == "clocks") return faults.clocks;
    if (name == "power") return faults.power;
    if (name == "space") return faults.space;
    if (name == "files") return faults.files;
    if (name == "schemas") return faults.schemas;
    if (name == "outside") return faults.outside;
    usage();
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
            out.faults.log = true;
        } else if (option == "--seeds") {
            const std::string range = value();
            const std::size_t dots = range.find("..");
            if (dots == std::string::npos) usage();
            out.first = std::stoull(range.substr(0, dots));
            out.last = std::stoull(range.substr(dots + 2));
        } else if (option == "--minutes") {
            out.minutes = std::stod(value());
        } else if (option == "--jobs") {
            out.jobs = std::stoull(value());
        } else if (option == "--events") {
            out.faults.events = std::stoll(value());
        } else if (option == "--without") {
            fault_named(out.faults, value()) = false;
        } else {
            usage();
        }
    }
    return out;
}

/// Plays every `step`-th seed from `first` on. Returns how many failed.
std::uint64_t play(const Arguments& arguments, std::uint64_t first, std::uint64_t step) {
    const auto started = std::chrono::steady_clock::now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    };
    std::uint64_t passed = 0, failed = 0, clashed = 0;
    std::int64_t syncs = 0, edits = 0;
    for (std::uint64_t seed = first; seed <= arguments.last; seed += step) {
        if (arguments.minutes > 0 && seconds() > arguments.minutes * 60) break;
        World world(seed, arguments.faults);
        const Ending ending = world.play();
        for (const std::string& line : world.log()) std::printf("%s\n", line.c_str());
        syncs += ending.syncs;
        edits += ending.edits;
        clashed += ending.clashed;
        if (ending.wrong.empty()) {
            ++passed;
            continue;
        }
        ++failed;
        std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), ending.wrong.c_str());
        std::fflush(stdout);
    }
    std::printf(
        "%llu passed, %llu failed, %llu of them with contradicting schemas; %lld edits, "
        "%lld syncs; %.1f histories per second\n",
        static_cast<unsigned long long>(passed), static_cast<unsigned long long>(failed),
        static_cast<unsigned long long>(clashed), static_cast<long long>(edits),
        static_cast<long long>(syncs), static_cast<double>(passed + failed) / seconds());
    std::fflush(stdout);
    return failed;
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse(argc, argv);
    // One thread, and nobody asks SQLite how much memory it uses.
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (arguments.jobs <= 1) return play(arguments, arguments.first, 1) == 0 ? 0 : 1;
    for (std::uint64_t job = 0; job < arguments.jobs; ++job) {
        if (fork() != 0) continue;
        _exit(play(arguments, arguments.first + job, arguments.jobs) == 0 ? 0 : 1);
    }
    int failed = 0;
    for (int status = 0; wait(&status) > 0;) failed += status != 0;
    return failed == 0 ? 0 : 1;
}
