// What is wrong with the files that are imported, and what of them has no equivalent.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/import/yaml.hpp"

namespace whylink::daemon::imports {

/// Of one file.
class Remarks {
  public:
    explicit Remarks(std::string file) : file_(std::move(file)) {}

    /// FILE:LINE:COLUMN: what.
    void error(const yaml::Node& at, const std::string& what) { error(at.line, at.column, what); }
    void error(unsigned line, unsigned column, const std::string& what) {
        errors_.push_back(file_ + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + what);
    }
    /// Of no equivalent, or of another one than meets the eye: FILE:LINE: what.
    void leave_out(const yaml::Node& at, const std::string& what) {
        const unsigned line = at.key_line != 0 ? at.key_line : at.line;
        left_out_.push_back(file_ + ":" + std::to_string(line) + ": " + what);
    }

    const std::string& file() const { return file_; }
    const std::vector<std::string>& errors() const { return errors_; }
    const std::vector<std::string>& left_out() const { return left_out_; }

  private:
    std::string file_;
    std::vector<std::string> errors_;
    std::vector<std::string> left_out_;
};

/// The value of the key, where it is of that kind; another kind is an error. Null where there is none.
const yaml::Node* member(const yaml::Node& map, std::string_view key, yaml::Node::Kind kind,
                         Remarks& remarks);
/// Of a scalar; empty where there is none.
std::string text_of(const yaml::Node& map, std::string_view key, Remarks& remarks);
/// true or false, as YAML has them; `fallback` where there is none.
bool switch_of(const yaml::Node& map, std::string_view key, bool fallback, Remarks& remarks);

}  // namespace whylink::daemon::imports
