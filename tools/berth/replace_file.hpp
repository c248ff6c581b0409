// A file's content, changed whole or not at all.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace berth::tools {

// Writes beside the file and renames: who reads it meanwhile sees the old or the new text. Keeps
// the permissions; follows symbolic links, so that the link stays one.
std::error_code replace_file(const std::string& path, std::string_view text);

}  // namespace berth::tools
