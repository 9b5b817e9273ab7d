#pragma once

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace tidemark {

/// A program at a terminal of its own, 80 columns wide, and the person before it. The program ends
/// with this object.
class Terminal {
public:
    Terminal(const std::vector<std::string>& arguments, const std::string& folder,
             const std::map<std::string, std::string>& environment = {});
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    /// Waits until the screen has shown this since the last wait; a failure of the test where it
    /// takes too long. Returns what was shown up to there.
    std::string wait_for(const std::string& text);
    void type(const std::string& keys);
    /// Keys that mean something to a line editor only: waits until it takes each one by itself. The
    /// editor shows its prompt a moment earlier.
    void press(const std::string& keys);
    /// Waits for the end and returns the exit code (128 + the signal where one ended it).
    int finish();
    /// Everything that was shown, without carriage returns and colours.
    std::string shown() const;
    /// The same with everything in it.
    const std::string& raw() const { return shown_; }

    pid_t process() const { return process_; }

private:
    bool read_more(int timeout_ms);

    int terminal_ = -1;
    pid_t process_ = -1;
    std::string shown_;
    std::size_t waited_ = 0;  ///< where the last wait ended
};

}  // namespace tidemark
