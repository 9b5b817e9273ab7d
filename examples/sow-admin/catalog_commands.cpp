#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "common/text.hpp"
#include "sow-admin/commands.hpp"
#include "sow-admin/content_hash.hpp"

namespace sow_admin {
namespace {

namespace fs = std::filesystem;

using Lines = std::vector<std::vector<std::string>>;

constexpr std::size_t prefix_digits = 12;

DatabaseClient client_for(const std::string& config_path) {
    return get_db_client(AdminConfig::load_or_default(config_path));
}

/// What "edit ID FIELD VALUE" and "delete ID" are given.
struct Edit {
    std::string id;
    std::string field;
    std::string value;
};

void add_songs(CLI::App& app, std::string& config_path) {
    CLI::App* group = app.add_subcommand("songs", "The catalogue of songs");
    group->require_subcommand(1);

    const auto song = std::make_shared<Song>();
    CLI::App* command = group->add_subcommand("add", "Add a song");
    command->add_option("TITLE", song->title)->required();
    command->add_option("--id", song->id, "A name for it; a UUID without this");
    command->add_option("--composer", song->composer);
    command->add_option("--lyricist", song->lyricist);
    command->add_option("--album", song->album_name);
    command->add_option("--key", song->musical_key, "Such as G or F#m");
    command->add_option("--url", song->source_url);
    command->callback(
        [&, song] { fmt::print("{}\n", client_for(config_path).add_song(*song).id); });

    group->add_subcommand("list", "List the songs")->callback([&] {
        Lines lines{{"ID", "TITLE", "COMPOSER", "ALBUM", "KEY"}};
        for (const Song& one : client_for(config_path).list_songs()) {
            lines.push_back({one.id, one.title, one.composer, one.album_name, one.musical_key});
        }
        fmt::print("{}", examples::table(lines));
    });

    const auto edit = std::make_shared<Edit>();
    command = group->add_subcommand("edit", "Change one field of a song");
    command->add_option("ID", edit->id)->required();
    command->add_option("FIELD", edit->field, "title, composer, lyricist, album_name, …")
        ->required();
    command->add_option("VALUE", edit->value)->required();
    command->callback(
        [&, edit] { client_for(config_path).edit_song(edit->id, edit->field, edit->value); });

    const auto removed = std::make_shared<Edit>();
    command = group->add_subcommand("delete", "Delete a song that has no recordings");
    command->add_option("ID", removed->id)->required();
    command->callback([&, removed] { client_for(config_path).delete_song(removed->id); });
}

void add_recordings(CLI::App& app, std::string& config_path) {
    CLI::App* group = app.add_subcommand("recordings", "Files of audio, known by their content");
    group->require_subcommand(1);

    struct Add {
        std::string file;
        std::string song;
    };
    const auto add = std::make_shared<Add>();
    CLI::App* command = group->add_subcommand("add", "Add a recording");
    command->add_option("FILE", add->file)->required()->check(CLI::ExistingFile);
    command->add_option("--song", add->song, "The song's ID");
    command->callback([&, add] {
        Recording recording;
        recording.content_hash = content_hash(add->file);
        recording.hash_prefix = recording.content_hash.substr(0, prefix_digits);
        recording.song_id = add->song;
        recording.original_filename = fs::path(add->file).filename().string();
        recording.file_size_bytes = static_cast<std::int64_t>(fs::file_size(add->file));
        fmt::print("{}\n", client_for(config_path).add_recording(recording).hash_prefix);
    });

    group->add_subcommand("list", "List the recordings")->callback([&] {
        Lines lines{{"HASH", "FILE", "SONG", "BYTES", "ANALYSIS"}};
        for (const Recording& one : client_for(config_path).list_recordings()) {
            lines.push_back({one.hash_prefix, one.original_filename, one.song_id,
                             std::to_string(one.file_size_bytes), one.analysis_status});
        }
        fmt::print("{}", examples::table(lines));
    });

    const auto edit = std::make_shared<Edit>();
    command = group->add_subcommand("edit", "Change one field of a recording");
    command->add_option("HASH", edit->id)->required();
    command->add_option("FIELD", edit->field, "song_id, original_filename or analysis_status")
        ->required();
    command->add_option("VALUE", edit->value)->required();
    command->callback(
        [&, edit] { client_for(config_path).edit_recording(edit->id, edit->field, edit->value); });

    const auto removed = std::make_shared<Edit>();
    command = group->add_subcommand("delete", "Delete a recording");
    command->add_option("HASH", removed->id)->required();
    command->callback([&, removed] { client_for(config_path).delete_recording(removed->id); });
}

}  // namespace

void add_catalog_commands(CLI::App& app, std::string& config_path) {
    add_songs(app, config_path);
    add_recordings(app, config_path);
}

}  // namespace sow_admin
