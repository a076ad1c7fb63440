// What becomes of packets on the way: where they come back to, where their answer comes from, and what a device on the
// path drops.
#include "checks/table/rules/parts.hpp"

namespace whylink::checks {
namespace {

using enum Fact;
using enum Cause;
using enum Confidence;

// Small segments that pass are the path's MTU, whatever else passes.
constexpr FactSet not_by_content{address_works, small_segments_pass};

constexpr Row rows[]{
    // ---- no answer to the SYN ----
    {syn_unanswered,
     {own_syn_returns},
     some_work,
     high,
     "The SYN to {address} came back to this host: the load balancer preserves client addresses and "
     "picked this host as target.",
     false,
     "hairpin"},
    {syn_unanswered,
     {syn_routed_back},
     some_work,
     high,
     "The SYN to {address} came back to this host: a router on the path sends it back.",
     false,
     "routed_back"},
    {syn_unanswered,
     {answered_from_elsewhere},
     some_work,
     high,
     "The SYN-ACK for {address} port {port} comes from {answered_by}, and this host drops it: the "
     "return path bypasses the load balancer or NAT.",
     false,
     "answered_from_elsewhere"},
    {.cause = syn_unanswered,
     .when = {syn_ack_damaged},
     .unless = some_work,
     .best = medium,
     .summary = "{address} port {port} sends a SYN-ACK with a wrong checksum, and this host drops it.",
     .fault = "damaged_answer",
     .title = "SYN-ACK with a wrong checksum"},
    {.cause = syn_unanswered,
     .when = {syn_ack_foreign},
     .unless = {address_works, syn_ack_damaged},
     .best = medium,
     .summary = "The SYN-ACK from {address} port {port} does not acknowledge the SYN of this host, so it is "
                "dropped.",
     .fault = "foreign_answer",
     .title = "SYN-ACK of another connection"},
    // ---- accepted, and what is sent then does not arrive ----
    {filtered_in_path,
     {size_dropped, repeat_same},
     not_by_content,
     high,
     "A middlebox drops the ClientHello to {address} for its size: a smaller one arrives.",
     false,
     "by_size"},
    {filtered_in_path,
     {size_dropped},
     not_by_content,
     medium,
     "A smaller ClientHello to {address} arrives; the ordinary one does not.",
     false,
     "by_size"},
    {filtered_in_path,
     {name_dropped, repeat_same},
     not_by_content,
     high,
     "A middlebox drops data to {address} with the server name {host}; without this SNI it "
     "arrives.",
     false,
     "by_name"},
    {filtered_in_path,
     {name_dropped},
     not_by_content,
     medium,
     "Data to {address} arrives without the server name {host} and not with it.",
     false,
     "by_name"},
    {filtered_in_path,
     {version_dropped, repeat_same},
     not_by_content,
     high,
     "A middlebox drops TLS 1.3 to {address} port {port}; a ClientHello that offers TLS 1.2 only arrives.",
     false,
     "by_version"},
    {filtered_in_path,
     {version_dropped},
     not_by_content,
     medium,
     "A ClientHello that offers TLS 1.2 only arrives at {address} port {port}; the ordinary one does not.",
     false,
     "by_version"},
    {filtered_in_path,
     {protocol_dropped, repeat_same},
     not_by_content,
     high,
     "A middlebox drops TLS to {address} port {port}; plain text arrives.",
     false,
     "by_protocol"},
    {filtered_in_path,
     {protocol_dropped},
     not_by_content,
     medium,
     "Plain text to {address} port {port} arrives; TLS does not.",
     false,
     "by_protocol"},
};

constexpr Row slow_rows[]{
    {healthy,
     {all_pass, syn_repeated_with_ecn, syn_repeats},
     {answers_differ, certificate_expiring, comes_and_goes, idle_dropped, edns_lost_for_programs},
     high,
     "{host} port {port} works, but each connect takes a second: a middlebox drops SYNs with "
     "ECN, which this host sends.",
     true,
     "ecn_dropped"},
    {healthy,
     {all_pass, syn_repeated, syn_repeats},
     {answers_differ, certificate_expiring, comes_and_goes, idle_dropped, edns_lost_for_programs},
     high,
     "{host} port {port} works, but connects take a second or more: the first SYN is repeatedly lost.",
     true,
     "syn_lost"},
};

constexpr Doubt other_explanations[]{
    // A proxy or a load balancer that accepts without a target behind it.
    {filtered_in_path,
     {data_never_arrives},
     {size_dropped, name_dropped, version_dropped, protocol_dropped},
     backend_silent},
    // What has no content yet is dropped for none: of several targets one is gone, and the other connection met another.
    {filtered_in_path, {handshake_ack_lost}, {}, backend_silent},
    {filtered_in_path, {later_data_lost}, {small_hello_answered}, backend_silent},
    // The rest of a long ClientHello passes a device that drops its first packet for its size.
    {path_mtu_black_hole, {large_of_ours_lost, tls_stage}, {small_segments_pass}, filtered_in_path},
    {filtered_in_path,
     {data_never_arrives, full_size_open},
     {small_segments_same, name_dropped},
     path_mtu_black_hole},
};

}  // namespace

std::span<const Row> packet_rules() {
    return rows;
}

std::span<const Row> slow_connect_rules() {
    return slow_rows;
}

std::span<const Doubt> packet_doubts() {
    return other_explanations;
}

}  // namespace whylink::checks
