#include "base/clock.hpp"

#include <chrono>
#include <thread>

namespace tidemark {
namespace {

template <typename TimePoint>
std::int64_t as_ms(TimePoint time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

class SystemClock final : public Clock {
public:
    std::int64_t now_ms() override { return as_ms(std::chrono::system_clock::now()); }
    std::int64_t steady_ms() override { return as_ms(std::chrono::steady_clock::now()); }
    void sleep_ms(std::int64_t ms) override {
        std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    }
};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

}  // namespace tidemark
