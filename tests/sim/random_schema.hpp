#pragma once

#include <string>
#include <vector>

#include "sim/seeded_rng.hpp"
#include "sync/store.hpp"

namespace tidemark::sim {

/// A schema that nobody has thought of before. The names say what a column is for:
///
///   id, k1, k2   the key
///   d…           data: each value written to it is one of a kind
///   s…           one of a few small numbers
///   n…           unique among a few values
///   q…           unique and numbering: MAX + 1; declared `renumber`
///   r…           a reference
///   u…           kept by triggers
///   g…           generated
///
/// Tables called local_… stay on the device.
struct RandomSchema {
    std::vector<std::string> statements;
    ColumnSettings columns;
    std::vector<std::string> natural_keys;
    bool full_text = false;  ///< there is local_text, kept by triggers

    static RandomSchema draw(SeededRng& rng);
};

/// A column of data with a type of its own, as in CREATE TABLE.
std::string random_data_column(const std::string& name, bool strict, SeededRng& rng);

/// The statements for one more table that refers to nothing.
std::string random_lone_table(const std::string& name, SeededRng& rng);

}  // namespace tidemark::sim
