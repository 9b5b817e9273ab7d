#include "testing/cloud.hpp"

#include <filesystem>

namespace examples {

Cloud::Cloud(Kind kind, const std::string& folder) : folder_(folder) {
    std::filesystem::create_directories(folder_);
    if (kind == Kind::server) {
        server_ = std::make_unique<Server>(folder_);
        database_ = server_->database();
        url_ = server_->url();
    } else {
        url_ = database_ = folder_ + "/primary.db";
    }
}

void Cloud::go_away() {
    if (server_) {
        server_->stop();
    } else {
        std::filesystem::rename(folder_, folder_ + "-away");
    }
}

void Cloud::come_back() {
    if (server_) {
        server_->start();
    } else {
        std::filesystem::rename(folder_ + "-away", folder_);
    }
}

}  // namespace examples
