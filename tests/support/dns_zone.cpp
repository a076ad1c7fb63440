#include "support/dns_zone.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace whylink::lab {
namespace {

constexpr int nxdomain = 3;

constexpr std::array<std::pair<std::string_view, DnsFault>, 27> fault_names{{
    {"silent", DnsFault::silent},
    {"silent_udp", DnsFault::silent_udp},
    {"servfail", DnsFault::servfail},
    {"refused", DnsFault::refused},
    {"formerr", DnsFault::formerr},
    {"notimp", DnsFault::notimp},
    {"nxdomain", DnsFault::nxdomain},
    {"nodata", DnsFault::nodata},
    {"garbage", DnsFault::garbage},
    {"no_header", DnsFault::no_header},
    {"wrong_id", DnsFault::wrong_id},
    {"wrong_question", DnsFault::wrong_question},
    {"no_question", DnsFault::no_question},
    {"not_a_response", DnsFault::not_a_response},
    {"loop", DnsFault::loop},
    {"cut_record", DnsFault::cut_record},
    {"many", DnsFault::many},
    {"wrong_id_then_good", DnsFault::wrong_id_then_good},
    {"truncated", DnsFault::truncated},
    {"truncated_tcp_closed", DnsFault::truncated_tcp_closed},
    {"truncated_tcp_silent", DnsFault::truncated_tcp_silent},
    {"no_edns", DnsFault::no_edns},
    {"drops_first", DnsFault::drops_first},
    {"slow", DnsFault::slow},
    {"cname_loop", DnsFault::cname_loop},
    {"drops_edns", DnsFault::drops_edns},
    {"bogus", DnsFault::bogus},
}};

constexpr std::array<std::pair<std::string_view, DnsType>, 6> type_names{{
    {"A", DnsType::a},
    {"AAAA", DnsType::aaaa},
    {"CNAME", DnsType::cname},
    {"TXT", DnsType::txt},
    {"SRV", DnsType::srv},
    {"SOA", DnsType::soa},
}};

template <typename Table>
auto find_named(const Table& table, std::string_view name) {
    const auto row = std::ranges::find_if(table, [&](const auto& entry) { return entry.first == name; });
    if (row == table.end()) {
        throw std::invalid_argument("unknown word " + std::string(name));
    }
    return row->second;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string parent(const std::string& name) {
    const auto dot = name.find('.');
    return dot == std::string::npos ? std::string() : name.substr(dot + 1);
}

std::vector<std::string> split(const std::string& line) {
    std::istringstream stream(line.substr(0, line.find('#')));
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

std::string joined(const std::vector<std::string>& words, std::size_t from) {
    std::string text;
    for (std::size_t i = from; i < words.size(); ++i) {
        text += (i == from ? "" : " ") + words[i];
    }
    return text;
}

std::size_t words_of_data(DnsType type) {
    switch (type) {
        case DnsType::srv:
            return 4;
        case DnsType::soa:
            return 2;
        default:
            return 1;
    }
}

bool below(const std::string& name, const std::string& suffix) {
    return name.size() > suffix.size() + 1 && name.ends_with(suffix) &&
           name[name.size() - suffix.size() - 1] == '.';
}

}  // namespace

DnsZone DnsZone::parse(std::string_view text) {
    DnsZone zone;
    std::istringstream stream{std::string(text)};
    for (std::string line; std::getline(stream, line);) {
        const auto words = split(line);
        if (words.empty()) {
            continue;
        }
        try {
            if (words.size() >= 3 && words[1] == "FAULT") {
                zone.add_fault(words);
            } else if (words.size() >= 3 && words[1] == "ERROR") {
                zone.add_error(words);
            } else if (words[0] == "AUTHORITATIVE") {
                zone.authoritative_ = true;
            } else {
                zone.add_record(words);
            }
        } catch (const std::exception& error) {
            throw std::invalid_argument("zone line \"" + line + "\": " + error.what());
        }
    }
    return zone;
}

void DnsZone::add_record(std::vector<std::string> words) {
    DnsRecord record;
    const bool has_ttl = words.size() > 1 && std::isdigit(static_cast<unsigned char>(words[1][0])) != 0;
    if (has_ttl) {
        record.ttl = static_cast<std::uint32_t>(std::stoul(words[1]));
        words.erase(words.begin() + 1);
    }
    if (words.size() < 3) {
        throw std::invalid_argument("NAME [TTL] TYPE DATA is wanted");
    }
    record.name = lower(words[0]);
    record.type = find_named(type_names, words[1]);
    if (words.size() != 2 + words_of_data(record.type)) {
        throw std::invalid_argument("the data of its type is wanted");
    }
    record.data = joined(words, 2);
    if (record.type != DnsType::txt) {
        record.data = lower(record.data);
    }
    if (record.type == DnsType::soa) {
        authorities_[record.name] = record;
    }
    for (std::string up = parent(record.name); !up.empty(); up = parent(up)) {
        non_terminals_.insert(up);
    }
    nodes_[record.name].push_back(record);
}

void DnsZone::add_error(const std::vector<std::string>& words) {
    errors_[words[0] == "ALL" ? words[0] : lower(words[0])] = {
        static_cast<std::uint16_t>(std::stoul(words[2])), joined(words, 3)};
}

void DnsZone::add_fault(const std::vector<std::string>& words) {
    FaultLine line{words[0] == "ALL" || words[0] == "OTHERS" ? words[0] : lower(words[0]),
                   find_named(fault_names, words[2]), 0};
    if (words.size() > 3) {
        line.type = static_cast<std::uint16_t>(find_named(type_names, words[3]));
    }
    faults_.push_back(std::move(line));
}

bool DnsZone::exists(const std::string& name) const {
    return nodes_.contains(name) || non_terminals_.contains(name);
}

const std::vector<DnsRecord>* DnsZone::find(const std::string& name) const {
    static const std::vector<DnsRecord> no_data;
    if (const auto node = nodes_.find(name); node != nodes_.end()) {
        return &node->second;
    }
    if (non_terminals_.contains(name)) {
        return &no_data;
    }
    std::string encloser = parent(name);
    while (!encloser.empty() && !exists(encloser)) {
        encloser = parent(encloser);
    }
    const auto wildcard = nodes_.find(encloser.empty() ? "*" : "*." + encloser);
    return wildcard == nodes_.end() ? nullptr : &wildcard->second;
}

DnsZone::Answer DnsZone::lookup(const std::string& name, std::uint16_t type) const {
    Answer answer;
    std::string current = name;
    constexpr int max_chain = 8;
    for (int hop = 0; hop < max_chain; ++hop) {
        answer.last = current;
        const auto* records = find(current);
        if (records == nullptr) {
            answer.rcode = nxdomain;
            return answer;
        }
        std::string target;
        for (DnsRecord record : *records) {
            record.name = current;
            if (static_cast<std::uint16_t>(record.type) == type) {
                answer.records.push_back(record);
            } else if (record.type == DnsType::cname) {
                answer.records.push_back(record);
                target = record.data;
            }
        }
        if (target.empty()) {
            return answer;
        }
        current = target;
    }
    return answer;
}

std::optional<DnsRecord> DnsZone::authority(std::string name) const {
    for (; !name.empty(); name = parent(name)) {
        if (const auto found = authorities_.find(name); found != authorities_.end()) {
            return found->second;
        }
    }
    return std::nullopt;
}

std::optional<DnsExtendedError> DnsZone::extended_error(const std::string& name) const {
    for (const std::string& key : {name, std::string("ALL")}) {
        if (const auto found = errors_.find(key); found != errors_.end()) {
            return found->second;
        }
    }
    return std::nullopt;
}

std::optional<DnsFault> DnsZone::fault(const std::string& name, std::uint16_t type) const {
    for (const FaultLine& line : faults_) {
        const bool named = line.name == "ALL" || line.name == name ||
                           (line.name == "OTHERS" && find(name) == nullptr) ||
                           (line.name.starts_with("*.") && below(name, line.name.substr(2)));
        if (named && (line.type == 0 || line.type == type)) {
            return line.kind;
        }
    }
    return std::nullopt;
}

}  // namespace whylink::lab
