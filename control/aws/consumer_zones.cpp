// Private DNS of the networks of this host and of the endpoints: which hosted zones answer there, and the records of those
// that the targets' names are in.
#include <algorithm>
#include <utility>

#include "checks/control/matches.hpp"
#include "config/ascii.hpp"
#include "config/dns_name.hpp"
#include "control/aws/consumer.hpp"
#include "control/aws/parse.hpp"
#include "control/aws/record_search.hpp"

namespace whylink::control {

namespace {

constexpr std::string_view zone_read = "hosted_zones";
/// Of 300 records each, for one zone. Route 53 takes 5 requests in a second of an account, whoever asks.
constexpr int max_record_pages = 40;

/// Zones that AWS keeps for itself (of an endpoint's private DNS) and those of other accounts are listed, and their
/// records cannot be read.
bool is_readable(const DnsZone& zone, const std::set<std::string>& own_accounts) {
    const bool is_account = std::ranges::all_of(zone.owner, is_digit);
    return is_account && (zone.owner.empty() || own_accounts.empty() || own_accounts.contains(zone.owner));
}

}  // namespace

void AwsConsumer::add_hosted_zones(std::vector<Listing>& listings) {
    for (const std::string& network : networks_) {
        Call call = aws_call(Op::route53_hosted_zones_by_vpc, region_);
        call.query = {{"vpcid", network}, {"vpcregion", region_}, {"maxitems", "100"}};
        listings.push_back(listing(reading_, std::string(zone_read), std::move(call),
                                   parse_hosted_zones_by_vpc, zones_of_[network]));
    }
}

/// Links are known for the networks that were asked. They are complete where the networks of this host are among these:
/// a zone without a link to it does not answer here.
void AwsConsumer::take_hosted_zones(const std::vector<Listing>& listings) {
    bool complete = reading_.instance == nullptr || is_own_account(reading_.instance->account);
    for (const Listing& listing : listings) {
        if (listing.read != zone_read) {
            continue;
        }
        const auto network = std::ranges::find(listing.call.query, "vpcid", &Pair::first);
        NetworkZones fact;
        fact.origin = origin_of(reading_.account, listing.reply);
        fact.network = network->second;
        fact.zones.complete = listing.complete;
        for (const DnsZone& zone : zones_of_[fact.network]) {
            fact.zones.items.push_back(zone.name);
            if (names_in(zone).empty()) {
                continue;
            }
            auto known = std::ranges::find(made_.facts.zones, zone.id, &DnsZone::id);
            if (known == made_.facts.zones.end()) {
                known = made_.facts.zones.insert(known, zone);
            }
            ZoneLink& link = known->links.items.emplace_back();
            link.network = fact.network;
        }
        complete = complete && listing.complete;
        if (listing.complete || !fact.zones.items.empty()) {
            made_.facts.network_zones.push_back(std::move(fact));
        }
    }
    for (DnsZone& zone : made_.facts.zones) {
        zone.links.complete = complete;
    }
}

/// The targets' names, hosts first: what of these a limit leaves out matters least.
std::vector<std::string> AwsConsumer::names_in(const DnsZone& zone) const {
    std::vector<std::string> names;
    const auto add = [&](const std::string& text) {
        std::string name = canonical_name(text);
        if (is_in_zone(name, zone.name) && std::ranges::find(names, name) == names.end()) {
            names.push_back(std::move(name));
        }
    };
    for (const Subject* subject : subjects_) {
        add(subject->host);
    }
    for (const Subject* subject : subjects_) {
        std::ranges::for_each(subject->names, add);
    }
    return names;
}

AwsConsumer::Names AwsConsumer::own_accounts() const {
    Names accounts;
    for (const Endpoint& endpoint : endpoints_) {
        accounts.insert(endpoint.owner);
    }
    if (reading_.instance != nullptr) {
        accounts.insert(reading_.instance->account);
    }
    accounts.erase(std::string());
    return accounts;
}

void AwsConsumer::add_records(std::vector<Listing>& listings) {
    const Names accounts = own_accounts();
    for (DnsZone& zone : made_.facts.zones) {
        if (!is_readable(zone, accounts)) {
            continue;
        }
        Call call = aws_call(Op::route53_record_sets, region_);
        call.path.emplace_back("zone", zone.id);
        call.query = {{"maxitems", "300"}};
        Listing made;
        made.read = "hosted_zone";
        made.call = std::move(call);
        made.pages = max_record_pages;
        made.take = [this, &zone, search = RecordSearch(zone, names_in(zone))](
                        const Reply& reply) mutable -> std::optional<std::string> {
            auto page = parse_record_sets(reply.body);
            if (!page) {
                return std::nullopt;
            }
            zone.origin = origin_of(reading_.account, reply);
            return search.take(std::move(*page));
        };
        listings.push_back(std::move(made));
    }
}

}  // namespace whylink::control
