// Private DNS of the networks of this host and of the endpoints: which hosted zones answer there, and the records of those
// that the targets' names are in.
#include <algorithm>
#include <iterator>
#include <utility>

#include "checks/control/matches.hpp"
#include "config/ascii.hpp"
#include "config/dns_name.hpp"
#include "control/aws/consumer.hpp"
#include "control/aws/parse.hpp"

namespace whylink::control {

namespace {

constexpr std::string_view zone_read = "hosted_zones";
/// Of 300 records each. Route 53 takes 5 requests in a second of an account, whoever asks.
constexpr int max_record_pages = 5;

/// The name, and the wildcards of the zone that would answer for it.
void add_asked(std::set<std::string>& asked, std::string name, const std::string& zone) {
    if (!is_in_zone(name, zone)) {
        return;
    }
    asked.insert(name);
    while (name != zone) {
        name.erase(0, std::min(name.find('.'), name.size() - 1) + 1);
        asked.insert("*." + name);
    }
}

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
            if (asked_of(zone).empty()) {
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

/// What the targets' names may find in a zone.
AwsConsumer::Names AwsConsumer::asked_of(const DnsZone& zone) const {
    Names asked;
    for (const Subject* subject : subjects_) {
        add_asked(asked, canonical_name(subject->host), zone.name);
        for (const std::string& name : subject->names) {
            add_asked(asked, canonical_name(name), zone.name);
        }
    }
    return asked;
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
        const Names asked = asked_of(zone);
        Call call = aws_call(Op::route53_record_sets, region_);
        call.path.emplace_back("zone", zone.id);
        call.query = {{"maxitems", "300"}};
        Listing made;
        made.read = "hosted_zone";
        made.call = std::move(call);
        made.pages = max_record_pages;
        made.take = [this, &zone, asked](const Reply& reply) -> std::optional<std::string> {
            auto page = parse_record_sets(reply.body);
            if (!page) {
                return std::nullopt;
            }
            zone.origin = origin_of(reading_.account, reply);
            zone.asked.assign(asked.begin(), asked.end());
            std::ranges::copy_if(page->items, std::back_inserter(zone.records.items),
                                 [&](const DnsRecord& record) { return asked.contains(record.name); });
            zone.records.complete = page->next.empty();
            return std::move(page->next);
        };
        listings.push_back(std::move(made));
    }
}

}  // namespace whylink::control
