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
     "the SYN to {address} came back to this host: the load balancer keeps client addresses and has picked this "
     "host as its own target",
     false,
     "hairpin"},
    {syn_unanswered,
     {syn_routed_back},
     some_work,
     high,
     "the SYN to {address} came back to this host: a router on the way sends it back",
     false,
     "routed_back"},
    {syn_unanswered,
     {answered_from_elsewhere},
     some_work,
     high,
     "the answer to the SYN to {address} port {port} comes from {answered_by}, so this host does not take it: the "
     "return path goes past the load balancer or NAT",
     false,
     "answered_from_elsewhere"},
    {.cause = syn_unanswered,
     .when = {syn_ack_damaged},
     .unless = some_work,
     .best = medium,
     .summary =
         "{address} answers on port {port} with a SYN-ACK whose checksum is wrong, so that this host drops it",
     .fault = "damaged_answer",
     .title = "the answer arrives damaged"},
    {.cause = syn_unanswered,
     .when = {syn_ack_foreign},
     .unless = {address_works, syn_ack_damaged},
     .best = medium,
     .summary =
         "a SYN-ACK comes from {address} port {port} and acknowledges something else than this host's SYN, so that "
         "it is not taken",
     .fault = "foreign_answer",
     .title = "the answer fits no connection"},
    // ---- accepted, and what is sent then does not arrive ----
    {filtered_in_path,
     {size_dropped, repeat_same},
     not_by_content,
     high,
     "a device on the path drops the ClientHello to {address} for its size: a smaller one arrives",
     false,
     "by_size"},
    {filtered_in_path,
     {size_dropped},
     not_by_content,
     medium,
     "a smaller ClientHello to {address} arrives and the ordinary one does not",
     false,
     "by_size"},
    {filtered_in_path,
     {name_dropped, repeat_same},
     not_by_content,
     high,
     "a device on the path drops what is sent to {address} with the server name {host}: without this name it "
     "arrives",
     false,
     "by_name"},
    {filtered_in_path,
     {name_dropped},
     not_by_content,
     medium,
     "what is sent to {address} without the server name {host} arrives, and with it does not",
     false,
     "by_name"},
    {filtered_in_path,
     {protocol_dropped, repeat_same},
     not_by_content,
     high,
     "a device on the path drops TLS to {address} port {port}: plain text arrives",
     false,
     "by_protocol"},
    {filtered_in_path,
     {protocol_dropped},
     not_by_content,
     medium,
     "plain text to {address} port {port} arrives, and TLS does not",
     false,
     "by_protocol"},
};

constexpr Row slow_rows[]{
    {healthy,
     {all_pass, syn_repeated_with_ecn, syn_repeats},
     {answers_differ, certificate_expiring, comes_and_goes, idle_dropped, edns_lost_for_programs},
     high,
     "{host} port {port} works, but each connect waits a second: a device on the path drops SYNs that ask for ECN, "
     "and this host asks with each",
     true,
     "ecn_dropped"},
    {healthy,
     {all_pass, syn_repeated, syn_repeats},
     {answers_differ, certificate_expiring, comes_and_goes, idle_dropped, edns_lost_for_programs},
     high,
     "{host} port {port} works, but connects wait a second or more: the first SYN gets no answer, again and again",
     true,
     "syn_lost"},
};

constexpr Doubt other_explanations[]{
    // A proxy or a load balancer that accepts without a target behind it.
    {filtered_in_path, {data_never_arrives}, {size_dropped, name_dropped, protocol_dropped}, backend_silent},
    {filtered_in_path, {later_data_lost}, {small_hello_answered}, backend_silent},
    {filtered_in_path, {repeat_answered}, {}, intermittent},
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
