#pragma once

#include <string>
#include <vector>

#include "common/database.hpp"

namespace jdo {

/// Goals have commitments, commitments have tasks.
enum class Kind { goal, commitment, task };

struct Item {
    std::string id;      ///< a UUID
    std::string title;   ///< what is to be achieved, delivered or done
    std::string parent;  ///< a commitment's goal, a task's commitment; empty: none
    std::string due;     ///< of a commitment, "2026-02-01"; empty: none
    std::string status;  ///< "open" or "done"
    std::string updated_at;
};

const char* name(Kind kind);

void initialize_schema(examples::Database& database);

/// The user's goals, commitments and tasks. An item is named by its UUID or the beginning of it.
class Items {
public:
    explicit Items(examples::Database& database) : database_(database) {}

    /// Makes an item; `item.id` and the times are made here.
    Item add(Kind kind, Item item);
    std::vector<Item> list(Kind kind, bool with_done = true);
    /// Throws Error{failed} where there is none or the beginning fits several.
    Item find(Kind kind, const std::string& id);
    Item rename(Kind kind, const std::string& id, const std::string& title);
    Item finish(Kind kind, const std::string& id);
    void remove(Kind kind, const std::string& id);
    /// All items of all kinds.
    std::int64_t count();

private:
    examples::Database& database_;
};

}  // namespace jdo
