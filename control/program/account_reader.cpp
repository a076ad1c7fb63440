#include "control/program/account_reader.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "checks/control/region_of_name.hpp"
#include "control/aws/dialect.hpp"
#include "control/aws/instance.hpp"
#include "control/aws/read.hpp"
#include "control/azure/dialect.hpp"
#include "control/azure/read.hpp"
#include "control/clickhouse/dialect.hpp"
#include "control/clickhouse/read.hpp"
#include "control/gcp/read.hpp"

namespace whylink::control {

namespace {

/// Readings of one side's targets; none where no target is on that side.
template <class ReadSide>
void add_side(Readings& all, std::span<const Subject> subjects, Side side, const ReadSide& read) {
    std::vector<Subject> of_side;
    std::ranges::copy_if(subjects, std::back_inserter(of_side),
                         [&](const Subject& subject) { return subject.side == side; });
    if (!of_side.empty()) {
        append(all, read(std::span<const Subject>(of_side)));
    }
}

/// All in the account's region; of an account without one each target in that of its names, else in that of the others.
std::map<std::string, std::vector<Subject>> by_region(std::span<const Subject> subjects,
                                                      const std::string& of_account) {
    const std::string other = of_account.empty() ? region_of_names(subjects) : of_account;
    std::map<std::string, std::vector<Subject>> regions;
    if (other.empty()) {
        return regions;
    }
    for (const Subject& subject : subjects) {
        const std::string own = of_account.empty() ? region_of_names(std::span(&subject, 1)) : std::string();
        regions[own.empty() ? other : own].push_back(subject);
    }
    return regions;
}

Readings not_known(const config::Account& account, std::string_view what) {
    Reply reply;
    reply.result = Result::credentials;
    reply.detail = what;
    reply.read_at = std::chrono::time_point_cast<std::chrono::milliseconds>(WallClock::now());
    Readings readings;
    readings.reads.push_back(read_of(account, "account", reply));
    return readings;
}

constexpr std::string_view no_region = "no region: set `region`, or AWS_REGION";
constexpr std::string_view no_subscription = "no subscription: set `subscription`";

class AwsReader : public AccountReader {
  public:
    AwsReader(config::Account account, Transport& transport, const Environment& environment,
              Redaction& redaction)
        : account_(std::move(account)),
          credentials_(account_, environment, transport, redaction),
          metadata_(transport, redaction,
                    environment.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("")),
          dialect_(credentials_, environment),
          caller_(transport, dialect_, redaction),
          has_metadata_(environment.variable("AWS_EC2_METADATA_DISABLED") != "true") {}

    const config::Account& account() const override { return account_; }

    Readings read(const ReadRequest& request, const Terms& terms) override {
        const auto regions = by_region(request.subjects, credentials_.region(terms.until));
        if (regions.empty()) {
            return not_known(account_, no_region);
        }
        const Instance* instance = this_host(terms);
        Readings all;
        for (const auto& [region, subjects] : regions) {
            add_side(all, subjects, Side::consumer, [&, &region = region](std::span<const Subject> side) {
                return read_aws_consumer({account_, caller_, terms, side, instance}, region);
            });
            add_side(all, subjects, Side::provider, [&, &region = region](std::span<const Subject> side) {
                return read_aws_provider({account_, caller_, terms, side, instance}, region);
            });
        }
        if (instance != nullptr) {
            all.facts.instances.push_back(*instance);
        }
        return all;
    }

    CheckAnswer check(const Terms& terms) override {
        return check_aws({account_, caller_, terms, {}, nullptr}, credentials_,
                         credentials_.region(terms.until));
    }

    std::vector<Caller::Count> take_counts() override { return caller_.take_counts(); }

  private:
    /// Asked again with what is read again. A host that is not on AWS is asked once.
    const Instance* this_host(const Terms& terms) {
        const bool is_old = instance_ && instance_->origin.read_at < terms.not_before;
        if (has_metadata_ && (!asked_ || is_old)) {
            asked_ = true;
            auto found = aws_instance(metadata_, terms.until);
            if (auto* instance = std::get_if<Instance>(&found)) {
                instance_ = std::move(*instance);
                instance_->origin.account = account_.name;
            }
        }
        return instance_ ? &*instance_ : nullptr;
    }

    const config::Account account_;
    AwsCredentialChain credentials_;
    AwsMetadata metadata_;
    AwsDialect dialect_;
    Caller caller_;
    bool has_metadata_;
    bool asked_ = false;
    std::optional<Instance> instance_;
};

class AzureReader : public AccountReader {
  public:
    AzureReader(config::Account account, Transport& transport, const Environment& environment,
                Redaction& redaction)
        : account_(std::move(account)),
          transport_(transport),
          redaction_(redaction),
          tokens_(account_, environment, transport, redaction),
          dialect_(tokens_),
          caller_(transport, dialect_, redaction) {}

    const config::Account& account() const override { return account_; }

    Readings read(const ReadRequest& request, const Terms& terms) override {
        const std::string subscription = tokens_.subscription(terms.until);
        if (subscription.empty()) {
            return not_known(account_, no_subscription);
        }
        const Instance* instance = this_host(terms);
        Readings all;
        add_side(all, request.subjects, Side::consumer, [&](std::span<const Subject> subjects) {
            return read_azure_consumer({account_, caller_, terms, subjects, instance}, subscription,
                                       tokens_.cloud());
        });
        add_side(all, request.subjects, Side::provider, [&](std::span<const Subject> subjects) {
            return read_azure_provider({account_, caller_, terms, subjects, instance}, subscription,
                                       tokens_.cloud());
        });
        // The consumer's side knows more of this host than its metadata service.
        if (instance != nullptr && all.facts.instances.empty()) {
            all.facts.instances.push_back(*instance);
        }
        return all;
    }

    CheckAnswer check(const Terms& terms) override {
        return check_azure({account_, caller_, terms, {}, nullptr}, tokens_,
                           tokens_.subscription(terms.until));
    }

    std::vector<Caller::Count> take_counts() override { return caller_.take_counts(); }

  private:
    const Instance* this_host(const Terms& terms) {
        const bool is_old = instance_ && instance_->origin.read_at < terms.not_before;
        if (!asked_ || is_old) {
            asked_ = true;
            auto found = azure_instance(transport_, redaction_, terms.until);
            if (auto* instance = std::get_if<Instance>(&found)) {
                instance_ = std::move(*instance);
                instance_->origin.account = account_.name;
            }
        }
        return instance_ ? &*instance_ : nullptr;
    }

    const config::Account account_;
    Transport& transport_;
    Redaction& redaction_;
    AzureTokenChain tokens_;
    AzureDialect dialect_;
    Caller caller_;
    bool asked_ = false;
    std::optional<Instance> instance_;
};

class ClickHouseReader : public AccountReader {
  public:
    ClickHouseReader(config::Account account, Transport& transport, const Environment& environment,
                     Redaction& redaction)
        : account_(std::move(account)),
          dialect_(account_, environment, redaction),
          caller_(transport, dialect_, redaction) {}

    const config::Account& account() const override { return account_; }
    Readings read(const ReadRequest& request, const Terms& terms) override {
        return read_clickhouse({account_, caller_, terms, request.subjects, nullptr});
    }
    CheckAnswer check(const Terms& terms) override {
        return check_clickhouse({account_, caller_, terms, {}, nullptr});
    }
    std::vector<Caller::Count> take_counts() override { return caller_.take_counts(); }

  private:
    const config::Account account_;
    ClickHouseDialect dialect_;
    Caller caller_;
};

/// Nothing can be asked with it.
class NoDialect : public Dialect {
  public:
    std::optional<CredentialFault> authorise(HttpRequest& /*request*/,
                                             std::chrono::steady_clock::time_point /*until*/) override {
        return CredentialFault{Result::error, "this provider is not read yet"};
    }
    Reply classify(const Operation& /*operation*/, const HttpResponse& /*response*/) const override {
        return {};
    }
    bool renew() override { return false; }
};

class GcpReader : public AccountReader {
  public:
    GcpReader(config::Account account, Transport& transport, Redaction& redaction)
        : account_(std::move(account)), caller_(transport, dialect_, redaction) {}

    const config::Account& account() const override { return account_; }
    Readings read(const ReadRequest& request, const Terms& terms) override {
        return read_gcp({account_, caller_, terms, request.subjects, nullptr});
    }
    CheckAnswer check(const Terms& terms) override {
        return check_gcp({account_, caller_, terms, {}, nullptr});
    }
    std::vector<Caller::Count> take_counts() override { return caller_.take_counts(); }

  private:
    const config::Account account_;
    NoDialect dialect_;
    Caller caller_;
};

}  // namespace

std::unique_ptr<AccountReader> make_account_reader(config::Account account, Transport& transport,
                                                   const Environment& environment, Redaction& redaction) {
    switch (account.provider) {
        case config::AccountProvider::aws:
            return std::make_unique<AwsReader>(std::move(account), transport, environment, redaction);
        case config::AccountProvider::azure:
            return std::make_unique<AzureReader>(std::move(account), transport, environment, redaction);
        case config::AccountProvider::clickhouse:
            return std::make_unique<ClickHouseReader>(std::move(account), transport, environment, redaction);
        case config::AccountProvider::gcp:
            break;
    }
    return std::make_unique<GcpReader>(std::move(account), transport, redaction);
}

}  // namespace whylink::control
