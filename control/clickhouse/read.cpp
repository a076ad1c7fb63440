#include "control/clickhouse/read.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checks/control/matches.hpp"
#include "config/dns_name.hpp"

namespace whylink::control {

namespace {

constexpr int max_pages = 20;
/// Private endpoint configurations of services whose host names do not say whose they are. The key's quota is small.
constexpr std::size_t max_searched = 4;
constexpr std::string_view service_read = "service";
constexpr std::string_view config_read = "private_endpoint_config";

std::string_view first_label(std::string_view name) {
    return name.substr(0, name.find('.'));
}

bool has_host(const VendorService& service, std::string_view host) {
    return (!host.empty() && service.private_host == host) ||
           std::ranges::find(service.addresses, host, &ServiceAddress::host) != service.addresses.end();
}

/// The private name of a service usually begins as its public name does.
bool begins_like(const VendorService& service, std::string_view host) {
    return host.ends_with(".clickhouse.cloud") &&
           std::ranges::any_of(service.addresses, [&](const ServiceAddress& address) {
               return first_label(address.host) == first_label(host);
           });
}

bool is_of(const VendorService& service, const Subject& subject) {
    const auto names_it = [&](const std::string& name) {
        const std::string host = canonical_name(name);
        return has_host(service, host) || begins_like(service, host);
    };
    return names_it(subject.host) || std::ranges::any_of(subject.names, names_it);
}

bool has_label(std::string_view host, std::string_view label) {
    const auto labels = labels_of(host);
    return std::ranges::find(labels, label) != labels.end();
}

Reply fine(Time read_at) {
    Reply reply;
    reply.result = Result::ok;
    reply.read_at = read_at;
    return reply;
}

class ClickHouseReader {
  public:
    explicit ClickHouseReader(const Reading& reading) : reading_(reading) {
        for (const Subject& subject : reading.subjects) {
            if (subject.side == Side::consumer) {
                subjects_.push_back(&subject);
                targets_.insert(subject.target);
            }
        }
    }

    Readings read() {
        if (!subjects_.empty() && find_organization() && read_services()) {
            read_configs();
            say_services();
        }
        return std::move(made_);
    }

    /// The organization of the config, else the key's.
    bool find_organization() {
        organization_ = reading_.account.organization;
        if (!organization_.empty()) {
            return true;
        }
        Reply reply = call(Op::clickhouse_organizations, {});
        const auto found =
            reply.result == Result::ok ? parse_clickhouse_organization(reply.body) : std::nullopt;
        if (!found) {
            fail("organization", unless_failed(std::move(reply), "organizations"), targets_);
            return false;
        }
        organization_ = *found;
        return true;
    }

    Reply call(Op op, std::string_view service, std::string_view cursor = {}) const {
        Call made;
        made.op = op;
        if (!organization_.empty()) {
            made.path.emplace_back("organization", organization_);
        }
        if (!service.empty()) {
            made.path.emplace_back("service", service);
        }
        if (!cursor.empty()) {
            made.query.emplace_back("cursor", cursor);
        }
        return reading_.caller.call(made, reading_.terms);
    }

  private:
    static Reply unless_failed(Reply reply, std::string_view what) {
        return reply.result == Result::ok ? unreadable(std::move(reply), what) : reply;
    }

    /// False: nothing was read.
    bool read_services() {
        std::string cursor;
        for (int page_number = 0; page_number < max_pages; ++page_number) {
            Reply reply = call(Op::clickhouse_services, {}, cursor);
            auto page = reply.result == Result::ok ? parse_clickhouse_services(reply.body) : std::nullopt;
            if (!page) {
                fail(service_read, unless_failed(std::move(reply), "services"), targets_);
                break;
            }
            read_at_ = reply.read_at;
            take(std::move(page->items), reply);
            if (page->next.empty()) {
                all_listed_ = true;
                made_.facts.complete.push_back(
                    {origin_of(reading_.account, reply), std::string(service_read), organization_});
                break;
            }
            if (page->next == cursor || page_number + 1 == max_pages) {
                reply.result = Result::error;
                reply.detail = "the list of services does not end";
                fail(service_read, reply, targets_);
                break;
            }
            cursor = std::move(page->next);
        }
        return all_listed_ || !services_.empty();
    }

    void take(std::vector<VendorService> services, const Reply& reply) {
        for (VendorService& service : services) {
            service.origin = origin_of(reading_.account, reply);
            service.organization = organization_;
            services_.push_back(std::move(service));
        }
    }

    std::set<std::string> targets_of(const VendorService& service) const {
        std::set<std::string> targets;
        for (const Subject* subject : subjects_) {
            if (is_of(service, *subject)) {
                targets.insert(subject->target);
            }
        }
        return targets;
    }

    bool is_found(const Subject& subject) const {
        return std::ranges::any_of(services_,
                                   [&](const VendorService& service) { return is_of(service, subject); });
    }

    /// Of the services of the targets first; then, while a target has none, of those in the region that a host names.
    void read_configs() {
        std::vector<VendorService*> wanted;
        for (VendorService& service : services_) {
            if (!targets_of(service).empty()) {
                wanted.push_back(&service);
            }
        }
        read_configs_of(wanted);
        std::vector<VendorService*> searched;
        for (VendorService& service : services_) {
            const bool may_be = std::ranges::any_of(subjects_, [&](const Subject* subject) {
                return !is_found(*subject) && has_label(canonical_name(subject->host), service.region);
            });
            if (may_be && searched.size() < max_searched) {
                searched.push_back(&service);
            } else if (may_be) {
                all_searched_ = false;
            }
        }
        read_configs_of(searched);
    }

    void read_configs_of(const std::vector<VendorService*>& services) {
        for (VendorService* service : services) {
            Reply reply = call(Op::clickhouse_private_endpoint_config, service->id);
            const auto config =
                reply.result == Result::ok ? parse_private_endpoint_config(reply.body) : std::nullopt;
            if (config) {
                service->endpoint_service = config->endpoint_service;
                service->private_host = config->private_host;
                continue;
            }
            all_searched_ = false;
            const std::set<std::string> targets = targets_of(*service);
            fail(config_read, unless_failed(std::move(reply), "privateEndpointConfig"),
                 targets.empty() ? targets_ : targets);
        }
    }

    void say_services() {
        for (VendorService& service : services_) {
            const std::set<std::string> targets = targets_of(service);
            if (!targets.empty()) {
                add_words(say(service_read, fine(service.origin.read_at), targets), service);
            }
        }
        for (const Subject* subject : subjects_) {
            if (all_listed_ && all_searched_ && !is_found(*subject)) {
                Reply reply = fine(read_at_);
                reply.result = Result::not_found;
                reply.detail = fmt::format("no service of organization {} has the host {}", organization_,
                                           subject->host);
                fail(service_read, reply, {subject->target});
            }
        }
        made_.facts.vendor_services = std::move(services_);
    }

    static void add_words(Read& read, const VendorService& service) {
        add_word(read, "id", service.id);
        add_word(read, "name", service.name);
        add_word(read, "provider", service.provider);
        add_word(read, "region", service.region);
        add_word(read, "state", service.state_word);
        add_word(read, "privateEndpointIds", service.allow_list.items);
        add_word(read, "endpointServiceId", service.endpoint_service);
        add_word(read, "privateDnsHostname", service.private_host);
        add_word(read, "ipAccessList", service.ip_access);
    }

    Read& say(std::string_view name, const Reply& reply, const std::set<std::string>& targets) {
        Read& read = made_.reads.emplace_back(read_of(reading_.account, name, reply));
        read.targets.assign(targets.begin(), targets.end());
        return read;
    }

    /// Reads that ended in the same way are one.
    void fail(std::string_view name, const Reply& reply, const std::set<std::string>& targets) {
        const auto found = std::ranges::find_if(made_.reads, [&](const Read& other) {
            return other.read == name && other.result == reply.result && other.detail == reply.detail;
        });
        if (found == made_.reads.end()) {
            say(name, reply, targets);
            return;
        }
        std::set<std::string> all(found->targets.begin(), found->targets.end());
        all.insert(targets.begin(), targets.end());
        found->targets.assign(all.begin(), all.end());
    }

    const Reading& reading_;
    std::vector<const Subject*> subjects_;
    std::set<std::string> targets_;
    std::string organization_;
    std::vector<VendorService> services_;
    Time read_at_{};
    bool all_listed_ = false;
    bool all_searched_ = true;
    Readings made_;
};

}  // namespace

Readings read_clickhouse(const Reading& reading) {
    return ClickHouseReader(reading).read();
}

}  // namespace whylink::control
