// Messages as lines of JSON and back.
#include "control/protocol/json.hpp"

#include <gtest/gtest.h>

namespace whylink::control {
namespace {

Origin origin() {
    return {"acme", Time(std::chrono::milliseconds(1'700'000'000'123))};
}

/// With something in each list, and values that are none of the defaults.
Facts some_facts() {
    Facts facts;
    Endpoint endpoint;
    endpoint.origin = origin();
    endpoint.id = "vpce-1";
    endpoint.other_ids = {"a", "b"};
    endpoint.state = ConnectionState::waiting;
    endpoint.private_dns = false;
    endpoint.created_at = origin().read_at;
    Interface interface;
    interface.id = "eni-1";
    interface.addresses = {*IpAddress::parse("10.0.0.4"), *IpAddress::parse("fd00::4")};
    endpoint.interfaces = {{interface}, true};
    facts.endpoints.push_back(endpoint);
    SecurityGroup group;
    group.origin = origin();
    group.rules = {
        {{Toward::outbound, "-1", PortRange{0, 0}, {*Cidr::parse("10.0.0.0/8")}, {"pl-1"}, {"sg-2"}}}, false};
    facts.security_groups.push_back(group);
    NetworkAcl acl;
    acl.entries = {{{32767, Toward::inbound, true, "6", std::nullopt, *Cidr::parse("0.0.0.0/0")}}, true};
    facts.network_acls.push_back(acl);
    NetworkSecurityGroup nsg;
    NsgRule rule;
    rule.priority = 100;
    rule.source.ports = {{1, 2}};
    nsg.rules.items.push_back(rule);
    facts.network_security_groups.push_back(nsg);
    VendorService service;
    service.allow_list = {{}, true};
    service.addresses = {{"https", "abcd.example.com", 8443}};
    facts.vendor_services.push_back(service);
    DnsZone zone;
    DnsRecord record;
    record.ttl = 0;
    zone.records.items.push_back(record);
    zone.links = {{{"l", "vnet", "Completed", "Default", true}}, true};
    facts.zones.push_back(zone);
    TargetGroup targets;
    targets.targets = {
        {{"i-1", 9440, "a", TargetState::unhealthy, "unhealthy", "Target.FailedHealthChecks", ""}}, true};
    facts.target_groups.push_back(targets);
    facts.complete.push_back({origin(), "vpc_endpoint", "eu-west-1"});
    return facts;
}

template <class T, class Parse>
void expect_same(const T& message, Parse parse) {
    const std::string line = to_line(message);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto again = parse(line);
    if (const auto* malformed = std::get_if<Malformed>(&again)) {
        FAIL() << malformed->reason << "\n" << line;
    }
    EXPECT_TRUE(std::get<T>(again) == message) << line;
}

TEST(Messages, ComeBackTheSame) {
    ReadRequest read;
    read.id = 7;
    read.account.name = "acme";
    read.account.provider = config::AccountProvider::clickhouse;
    read.account.interval = std::chrono::minutes(1);
    read.account.interactive = true;
    Subject subject;
    subject.target = "t";
    subject.side = Side::provider;
    subject.addresses = {*IpAddress::parse("10.0.0.4")};
    subject.peers = {*Cidr::parse("10.1.0.0/24")};
    read.subjects = {subject};
    read.not_before = origin().read_at;
    read.timeout_ms = 0;
    expect_same(Request(read), parse_request);
    expect_same(Request(CheckRequest{8, read.account, 5}), parse_request);
    expect_same(Request(WhereRequest{9, config::Cloud::azure, 5}), parse_request);

    ReadAnswer answer;
    answer.id = 7;
    answer.readings.facts = some_facts();
    answer.readings.reads = {{"acme",
                              "vpc_endpoint",
                              Result::forbidden,
                              origin().read_at,
                              {{"state", "pendingAcceptance"}},
                              "ec2:DescribeVpcEndpoints",
                              {"t"}}};
    answer.calls = {{"ec2:DescribeVpcEndpoints", Result::forbidden, 3}};
    expect_same(Answer(answer), parse_answer);
    expect_same(
        Answer(CheckAnswer{8, "acme", "arn:x", "environment", {{"o", "p", Result::throttled, "d"}}, "{}"}),
        parse_answer);
    expect_same(Answer(Refusal{9, "text with \"quotes\" and a\nline feed"}), parse_answer);
}

TEST(Messages, LoseTextThatIsNotUtf8) {
    const auto again = parse_answer(to_line(Answer(Refusal{1, "a\xff\xfe b"})));
    EXPECT_EQ(std::get<Refusal>(std::get<Answer>(again)).reason, "a b");
}

std::string fault(std::string_view line) {
    const auto parsed = parse_request(line);
    const auto* malformed = std::get_if<Malformed>(&parsed);
    return malformed != nullptr ? malformed->reason : "none";
}

TEST(Messages, SayWhatIsWrongAndWhere) {
    EXPECT_EQ(fault(""), "no object of kind and message");
    EXPECT_EQ(fault("[1]"), "no object of kind and message");
    EXPECT_EQ(fault(R"({"kind": "read", "message": {}, "more": 1})"), "no object of kind and message");
    EXPECT_EQ(fault(R"({"kind": "write", "message": {}})"), "kind: is not known");
    EXPECT_EQ(fault(R"({"kind": "read", "message": 1})"), "message: an object is expected");
    EXPECT_EQ(fault(R"({"kind": "read", "message": {"nonsense": 1}})"), "message.nonsense: is not known");
    EXPECT_EQ(fault(R"({"kind": "read", "message": {"id": -1}})"),
              "message.id: a whole number within its range is expected");
    EXPECT_EQ(fault(R"({"kind": "read", "message": {"account": {"provider": "oracle"}}})"),
              "message.account.provider: is not one of its words");
    EXPECT_EQ(fault(R"({"kind": "read", "message": {"subjects": [{}, {"addresses": ["10.0.0.4", "x"]}]}})"),
              "message.subjects[1].addresses[1]: an address or network is expected");
    EXPECT_EQ(fault(R"({"kind": "where", "message": {"timeout_ms": 4294967296}})"),
              "message.timeout_ms: a whole number within its range is expected");
    EXPECT_EQ(fault(R"({"kind": "read", "message": {"account": {"interactive": 1}}})"),
              "message.account.interactive: true or false is expected");
    EXPECT_EQ(fault(std::string(max_request_line + 1, ' ')), "longer than a line may be");
}

TEST(Messages, OfGarbageAreRefusedAndNeverThrow) {
    const std::string line = to_line(Request(ReadRequest{}));
    for (std::size_t i = 0; i < line.size(); ++i) {
        std::string broken = line;
        broken[i] = '\x01';
        (void)parse_request(broken);
        (void)parse_request(line.substr(0, i));
    }
    EXPECT_NE(fault(std::string(100'000, '[')), "none");
}

}  // namespace
}  // namespace whylink::control
