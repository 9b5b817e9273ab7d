#pragma once

#include <string>

#include <tidemark/replica.hpp>

namespace examples {

/// A line on stderr that shows how far a long exchange has come: "uploading tasks [####  ] 61 %".
/// Draws nothing where stderr is no terminal. Must outlive its callback.
class ProgressLine {
public:
    ProgressLine();
    ~ProgressLine() { wipe(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    tidemark::OnProgress callback();
    void wipe();

    /// The line for one moment.
    static std::string text(const tidemark::Progress& progress);

private:
    bool on_terminal_;
    std::string drawn_;
};

}  // namespace examples
