// The command line as values. What each command does is in commands.hpp.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "config/target.hpp"
#include "daemon/report/formats.hpp"
#include "daemon/report/human/terminal.hpp"

namespace whylink::daemon {

struct CheckCommand {
    std::vector<std::string> names;        ///< empty: all that are enabled
    std::string pcap_file = {};            ///< where the packets go; empty: nowhere
    std::vector<std::string> labels = {};  ///< "KEY=VALUE", of which a target must have all
};

struct DiagnoseCommand {
    config::EndpointOptions options;
    std::string pcap_file;              ///< empty: no packets wanted
    std::string save_name;              ///< of the config entry that is printed; empty: none is
    std::vector<std::string> accounts;  ///< of the config; what they say of the target is read
    bool control = false;               ///< the account that the provider's SDK would find
    bool where = false;                 ///< the metadata service is asked where this host is
};

struct ZoneCommand {
    config::ZoneOptions options;
};

/// The daemon, in the foreground.
struct RunCommand {};

struct StatusCommand {
    std::vector<std::string> names = {};  ///< empty: all
    std::string url = {};                 ///< empty: where the config says that the daemon listens
    std::string ca_file = {};             ///< empty: the system's store
    std::string password_file = {};       ///< of the URL's user; empty: in the URL, or none
};

struct HistoryCommand {
    std::vector<std::string> names;  ///< empty: all
    StatusCommand access = {};       ///< of a daemon; without a URL the state directory of this host
    std::string since = "7d";
    bool json = false;
    ColorChoice color = ColorChoice::automatic;
};

struct BundleCommand {
    std::vector<std::string> names;  ///< empty: all
    StatusCommand access = {};       ///< of the daemon; without a URL where the config says that it listens
    std::string output;              ///< empty: here, under a name of its own
};

struct CompareCommand {
    std::string good;  ///< files: JSON reports, or what `--record` wrote
    std::string bad;
    bool json = false;
    ColorChoice color = ColorChoice::automatic;
};

/// From another program's configuration; so far blackbox_exporter's.
struct ImportCommand {
    std::string blackbox_file;
    std::string prometheus_file;  ///< empty: the modules alone
};

struct ExplainCommand {
    std::string slug;  ///< empty: the list of all
};

struct ProfilesCommand {
    std::string name;  ///< empty: the list of all
    bool toml = false;
};

struct AccountCheckCommand {
    std::vector<std::string> names;  ///< empty: all
    bool json = false;
};

struct ConfigCheckCommand {};
struct ConfigShowCommand {};

using Command = std::variant<CheckCommand, DiagnoseCommand, ZoneCommand, RunCommand, StatusCommand,
                             HistoryCommand, BundleCommand, CompareCommand, ImportCommand, ExplainCommand,
                             ProfilesCommand, AccountCheckCommand, ConfigCheckCommand, ConfigShowCommand>;

struct CommandLine {
    Command command;
    std::string config_file = "/etc/whylink/whylink.toml";
    const ReportFormat* format = &human_format;
    std::string record_file;  ///< empty: nothing is recorded
    ColorChoice color = ColorChoice::automatic;
    bool verbose = false;  ///< of the report for people
};

/// Nothing to run: help, the version, or what is wrong.
struct EarlyExit {
    int status = exit_healthy;
    std::string out;    ///< for standard output
    std::string error;  ///< a message, without the program's name
};

/// `arguments` without the program's name. Values are checked when the command runs, by the same code as the
/// config's.
std::variant<CommandLine, EarlyExit> parse_command_line(const std::vector<std::string>& arguments);

}  // namespace whylink::daemon
