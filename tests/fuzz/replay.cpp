// usage: TARGET-replay CORPUS [SECONDS]
// Runs a fuzz target where there is no libFuzzer: over every file of its corpus, and then, until
// the time is over, over changed copies of them.

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<std::string> read_corpus(const fs::path& folder) {
    std::vector<std::string> inputs;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return inputs;
}

const std::string* current = nullptr;

extern "C" void save_current(int signal) {
    const int file = open("failed-input", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (write(file, current->data(), current->size()) < 0) _exit(2);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void run(const std::string& input) {
    current = &input;
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

class Mutator {
public:
    explicit Mutator(const std::vector<std::string>& inputs) : inputs_(inputs) {}

    std::string next() {
        std::string made = any();
        for (std::size_t changes = below(4) + 1; changes > 0; --changes) change(made);
        return made;
    }

private:
    std::size_t below(std::size_t end) { return random_() % end; }
    const std::string& any() { return inputs_[below(inputs_.size())]; }

    void change(std::string& made) {
        const std::size_t at = below(made.size() + 1);
        switch (below(5)) {
            case 0: made.resize(at); break;
            case 1: made.insert(at, 1, static_cast<char>(random_())); break;
            case 2: made.insert(at, any().substr(0, below(32))); break;
            case 3: made.erase(at, below(16)); break;
            default:
                if (at < made.size()) made[at] = static_cast<char>(made[at] ^ 1 << below(8));
        }
    }

    const std::vector<std::string>& inputs_;
    std::mt19937_64 random_{20'260'101};
};

}  // namespace

int main(int argc, char** argv) {
    using Clock = std::chrono::steady_clock;
    if (argc < 2) return std::fputs("usage: TARGET-replay CORPUS [SECONDS]\n", stderr), 2;
    const std::vector<std::string> inputs = read_corpus(argv[1]);
    if (inputs.empty()) return std::fprintf(stderr, "%s is empty\n", argv[1]), 2;
    for (const int signal : {SIGABRT, SIGSEGV, SIGFPE}) std::signal(signal, save_current);
    for (const std::string& input : inputs) run(input);

    const auto end = Clock::now() + std::chrono::seconds(argc > 2 ? std::atoi(argv[2]) : 0);
    Mutator mutator(inputs);
    long changed = 0;
    for (; Clock::now() < end; ++changed) {
        run(mutator.next());
    }
    std::printf("%zu inputs and %ld changed ones\n", inputs.size(), changed);
    return 0;
}
