// The provider's side of Azure: Private Link services of ours, who is connected, and their load balancers.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "control/azure/arm_reader.hpp"
#include "control/azure/parse.hpp"
#include "control/azure/read.hpp"
#include "control/azure/words.hpp"

namespace whylink::control {

namespace {

constexpr std::string_view service_read = "private_link_service";
constexpr std::string_view connection_read = "connection";
/// Connections of one service that reports show; the facts have all.
constexpr std::size_t max_shown = 100;

bool is_named(const EndpointService& service, std::string_view text) {
    const auto id = ResourceId::parse(service.id);
    return same_without_case(service.id, text) || same_without_case(service.name, text) ||
           (id && same_without_case(id->names.back(), text));
}

class AzureProvider {
  public:
    AzureProvider(const Reading& reading, const std::string& subscription, const AzureCloud& cloud)
        : arm_(reading, subscription, cloud), subscription_(subscription) {
        Targets targets;
        for (const Subject& subject : reading.subjects) {
            if (subject.side == Side::provider) {
                subjects_.push_back(&subject);
                targets.insert(subject.target);
            }
        }
        arm_.set_all_targets(std::move(targets));
    }

    Readings read() {
        if (!subjects_.empty()) {
            read_services();
            read_connections();
            say_services();
            read_balancers();
        }
        return arm_.finish();
    }

  private:
    void read_services() {
        auto listed =
            arm_.list(arm_.of_subscription(Op::arm_private_link_services), parse_private_link_services);
        if (!listed.complete) {
            arm_.fail(service_read, listed.reply, arm_.all_targets());
        }
        for (ServiceWithConnections& made : listed.items) {
            made.service.origin = arm_.origin(listed.reply);
            services_.push_back(std::move(made));
        }
        read_configured(listed.complete);
        if (listed.complete) {
            arm_.mark_complete(service_read, listed.reply);
            say_missing(listed.reply);
        }
    }

    /// Those that the config names by Resource ID and the listing does not have.
    void read_configured(bool all_listed) {
        std::set<std::string> ids;
        for (const Subject* subject : subjects_) {
            const auto id = ResourceId::parse(subject->service);
            if (id && !is_read(subject->service) &&
                !(all_listed && same_without_case(id->subscription, subscription_))) {
                ids.insert(subject->service);
                arm_.want(subject->service, {subject->target});
            }
        }
        arm_.each<ServiceWithConnections>(Op::arm_private_link_service, "privateLinkServices", service_read,
                                          ids, parse_private_link_services,
                                          [&](ServiceWithConnections& made, const Reply& reply) {
                                              made.service.origin = arm_.origin(reply);
                                              services_.push_back(std::move(made));
                                          });
    }

    bool is_read(std::string_view name) const {
        return std::ranges::any_of(
            services_, [&](const ServiceWithConnections& made) { return is_named(made.service, name); });
    }

    void say_missing(const Reply& listing) {
        for (const Subject* subject : subjects_) {
            const auto id = ResourceId::parse(subject->service);
            const bool is_elsewhere = id && !same_without_case(id->subscription, subscription_);
            if (subject->service.empty() || is_read(subject->service) || is_elsewhere) {
                continue;
            }
            Reply reply = listing;
            reply.result = Result::not_found;
            reply.detail = fmt::format("{} is not in subscription {}", subject->service, subscription_);
            arm_.fail(service_read, reply, {subject->target});
        }
    }

    /// Of services whose own answer does not have them.
    void read_connections() {
        for (ServiceWithConnections& made : services_) {
            const auto id = ResourceId::parse(made.service.id);
            if (made.connections.complete || !id || targets_of(made.service).empty()) {
                continue;
            }
            auto listed =
                arm_.list(arm_.of_resource(Op::arm_endpoint_connections, *id), parse_endpoint_connections);
            made.connections = {std::move(listed.items), listed.complete};
            if (!listed.complete) {
                arm_.fail(connection_read, listed.reply, targets_of(made.service));
            }
        }
    }

    /// Of a target without a service each of the account is one.
    Targets targets_of(const EndpointService& service) const {
        Targets targets;
        for (const Subject* subject : subjects_) {
            if (subject->service.empty() || is_named(service, subject->service)) {
                targets.insert(subject->target);
            }
        }
        return targets;
    }

    void say_services() {
        bool all_connections = true;
        Reply reply;
        reply.result = Result::ok;
        for (ServiceWithConnections& made : services_) {
            const Targets targets = targets_of(made.service);
            all_connections = all_connections && made.connections.complete;
            reply.read_at = made.service.origin.read_at;
            if (!targets.empty()) {
                add_azure_words(arm_.say(service_read, reply, targets), made.service);
                say_connections(made, reply, targets);
                want_balancers(made.service, targets);
            }
            for (Connection& connection : made.connections.items) {
                connection.origin = made.service.origin;
                arm_.facts().connections.push_back(std::move(connection));
            }
            arm_.facts().services.push_back(std::move(made.service));
        }
        if (all_connections && is_complete(service_read)) {
            arm_.mark_complete(connection_read, reply);
        }
    }

    bool is_complete(std::string_view read) const {
        return std::ranges::any_of(arm_.facts().complete,
                                   [&](const CompleteListing& listing) { return listing.read == read; });
    }

    void say_connections(const ServiceWithConnections& made, const Reply& reply, const Targets& targets) {
        std::size_t shown = 0;
        for (const Connection& connection : made.connections.items) {
            if (++shown <= max_shown) {
                add_azure_words(arm_.say(connection_read, reply, targets), connection);
            }
        }
    }

    void want_balancers(const EndpointService& service, const Targets& targets) {
        for (const std::string& balancer : service.balancers) {
            balancers_.insert(balancer);
            arm_.want(balancer, targets);
        }
    }

    void read_balancers() {
        arm_.each<BalancerWithRules>(
            Op::arm_load_balancer, "loadBalancers", "load_balancer", balancers_, parse_azure_balancers,
            [&](BalancerWithRules& made, const Reply& reply) {
                made.balancer.origin = arm_.origin(reply);
                add_azure_words(arm_.say("load_balancer", reply, arm_.targets_of(made.balancer.id)),
                                made.balancer, made.rules);
                arm_.facts().balancers.push_back(std::move(made.balancer));
                for (Listener& rule : made.rules) {
                    rule.origin = arm_.origin(reply);
                    arm_.facts().listeners.push_back(std::move(rule));
                }
            });
    }

    ArmReader arm_;
    const std::string& subscription_;
    std::vector<const Subject*> subjects_;
    std::vector<ServiceWithConnections> services_;
    std::set<std::string> balancers_;
};

}  // namespace

Readings read_azure_provider(const Reading& reading, const std::string& subscription,
                             const AzureCloud& cloud) {
    return AzureProvider(reading, subscription, cloud).read();
}

}  // namespace whylink::control
