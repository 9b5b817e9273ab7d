#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/database.hpp"
#include "shark/keys.hpp"

namespace shark {

struct Epic {
    Key key;
    std::string title;
};

struct Feature {
    Key key;
    std::string title;
};

struct Task {
    Key key;
    std::string title;
    std::string description;
    std::string status;
    std::int64_t priority = 5;
    std::string created_at;
    std::string updated_at;
    std::string completed_at;  ///< empty: it is not
};

struct TaskFilter {
    std::int64_t epic = 0;     ///< 0: all
    std::int64_t feature = 0;  ///< within the epic; 0: all
    std::string status;        ///< empty: all
};

struct TaskChange {
    std::optional<std::string> title;
    std::optional<std::string> description;
    std::optional<std::string> status;
    std::optional<std::int64_t> priority;
};

/// What the user works with. It knows nothing of the cloud: it writes to an ordinary SQLite file.
class Tasks {
public:
    explicit Tasks(examples::Database& database) : database_(database) {}

    /// `number` 0: the next free one.
    Epic add_epic(const std::string& title, std::int64_t number = 0);
    Feature add_feature(std::int64_t epic, const std::string& title, std::int64_t number = 0);
    Task add_task(const Key& feature, const std::string& title, const std::string& description,
                  std::int64_t priority);

    std::vector<Epic> epics();
    std::vector<Feature> features(std::int64_t epic = 0);
    std::vector<Task> tasks(const TaskFilter& filter = {});
    /// Throws Error{failed} where there is none.
    Task task(const Key& key);

    Task update(const Key& key, const TaskChange& change);
    Task complete(const Key& key);

private:
    examples::Database& database_;
};

}  // namespace shark
