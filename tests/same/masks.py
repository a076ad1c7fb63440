"""What differs from run to run is replaced by words, field by field and sentence by sentence. The documents of the
recorded cases, of the made-up targets and of the command line come of fixed input and stay as they are but for a few
numbers, so that the layout and the whole wording are compared there; what is masked here loses some of both."""

import json
import re

TIME_FIELDS = r"\w*seconds|started_at|\w+_since|\w+_at|not_before|not_after|time"
# How the kernels, the threads and the programs of both sides happened to share out a conversation: where the bytes were
# cut into segments, which side was the first to close, how many visitors there were in a second.
CHANCE_FIELDS = (
    r"local_port|receive_mss|position|bytes_\w+|segments_\w+|packets_(?:sent|received)|largest_\w+|acknowledged|"
    r"retransmits\w*|fin_received|fin_sent|rst_received|rst_sent|lost_segment_times_sent|handshake_ack|mss|"
    r"window_scale|rst_ttl|complete|"
    # of a watch
    r"packets|attempts|established|failed|refused|unanswered|half_open|syn_retransmits|resets_\w+|"
    r"handshakes_measured|with(?:out)?_proxy_header|reset_after_proxy_header|closed_before_data|waiting")
# These are there or not by the same chance.
OPTIONAL_FIELDS = (r"fin_received_after_seconds|largest_acknowledged|largest_received|rst_ttl|ended_before_hello|"
                   r"after_acknowledged_seconds|acknowledged")
VALUE = r"(?:true|false|\"(?:[^\"\\]|\\.)*\"|-?[0-9][0-9.e+-]*)"

TEXT = (
    (r"/(?:dev/shm|tmp)/tmp\w{8}\b", "DIRECTORY"),
    (r"/tmp/whylink-\w+\b", "DIRECTORY"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC)", "TIME"),
    (r"\b\d{8}T\d{6}\.\d{3}Z", "TIME"),
    (r"\b(certificate (?:valid )?until) \d{4}-\d\d-\d\d\b", r"\1 DAY"),
    (r"\b(?:\d{4}-\d\d-\d\d )?\d\d:\d\d UTC\b", "TIME"),
    (r"\b(Checked) \d+ s\b", r"\1 SPAN"),
    (r"\bwhylink-[a-z0-9]{12}\b", "whylink-RANDOM"),
    (r"\bid 0x[0-9a-f]{4}( instead of) 0x[0-9a-f]{4}", r"id RANDOM\1 RANDOM"),
    (r"(Date:) \w{3}, [\w: ]+ GMT", r"\1 TIME"),
    (r" *(?<![\d.])\d+(?:\.\d+)? ms\b", " SPAN"),
    (r" *(?<![\d.])\d+\.\d+ s\b", " SPAN"),
    (r"SPAN +(?=\x1b)", "SPAN"),  # the padding of a column
    (r"([Cc]hecked|ClientHello,|\bfor|\bin|\bwithin) \d+ s\b", r"\1 SPAN"),
    # The greeting of MariaDB: the number of the connection, and a salt in two pieces.
    (r"(-MariaDB[^\"\\]*\\\\x00)(?:[^\"\\]|\\.)*?(mysql_native_password|(?=\"))", r"\1RANDOM\2"),
    (r"[,;] some packets were missed", ""),
    (r"; the kernel dropped captured packets: this list is incomplete", ""),
    (r"\b(?:before|after) (ClientHello)", r"around \1"),
    (r"\b\d+ SYN retransmissions?\b", "N SYN retransmissions"),
    # What came after the handshake, by the captured packets.
    (r"(packets: .*?SYN-ACK received after SPAN with (?:TTL|hop limit) \d+)[^\"\n]*", r"\1 CHANCE"),
    (r"(SYN-ACK in SPAN TTL \d+)[^\"\n]*", r"\1 CHANCE"),
    (r"\b\d+ B sent, \d+ received\b", "CHANCE bytes"),
    # Of a watch.
    (r"\b\d+ (packets?|attempts?|established|failed|unanswered|refused|without PROXY header)\b", r"N \1"),
    (r"(; from [0-9a-f.:]+) \(\d+\)", r"\1 (N)"),
    (r"established;? rtt", "established; rtt"),
    (r"\b[0-9.]+ % of \d+ segments sent", "SHARE of N segments sent"),
    (r"\b\d+ RSTs received, \d+ sent", "N RSTs received, N sent"),
    (r"\b\d+ half-open", "N half-open"),
    (r"\b\d+ (of|connections of) \d+ (connections|began)\b", r"N \1 N \2"),
    (r"\b\d+ (SYNs?) (sent|in)\b", r"N \1 \2"),
)

# The costs of a run, and what chance has of it. The first scene of the daemon has a single round of each target.
METRICS = (
    r"whylink_\w+_seconds(?:_sum)?|whylink_\w+_bucket|whylink_capture_packets_total|whylink_packet_segments_total|"
    r"process_(?:cpu_seconds_total|resident_memory_bytes|virtual_memory_bytes|threads|start_time_seconds|open_fds)")
METRICS_OF_ROUNDS = r"whylink_\w+_total|whylink_\w+_(?:bucket|count|ratio|created)|whylink_rounds_under_way"


def replaced(text, patterns):
    for pattern, replacement in patterns:
        text = re.sub(pattern, replacement, text)
    return text


def masked_json(text):
    # The commas go, since the last line of an object may be one of those that are not always there.
    text = re.sub(r"(?m),$", "", text)
    text = re.sub(r'"progress": "(?:not_started|client_hello_sent)"(\n *"server_name": .*)?', '"progress": EARLY', text)
    text = re.sub(r'(?m)^ *"resets": \[\n(?:.*\n)*? *\]\n', "", text)
    text = re.sub(rf'(?m)^ *"(?:{OPTIONAL_FIELDS})": .*\n', "", text)
    text = re.sub(rf'"({TIME_FIELDS})":( ?){VALUE}', r'"\1":\2TIME', text)
    return re.sub(rf'"({CHANCE_FIELDS})":( ?){VALUE}', r'"\1":\2CHANCE', text)


def masked_metrics(text, names):
    return re.sub(rf"(?m)^((?:{names})(?:{{.*}})?) \S+", r"\1 CHANCE", text)


def masked_log(text):
    """Records in the order of their words: which target is the first is chance, and so is how often one repeats."""
    records = re.split(r"(?m)^(?=TIME |\{)", masked_json(text))
    return "".join(sorted(set(records)))


def unwrapped(text):
    """Paragraphs of a report for people in a line each, since times have more and fewer digits."""
    text = re.sub(r"(?m)\n +(?![-\x1b\[(]|\d+\. )", " ", text)
    return re.sub(r"  +", " ", text)


def masked_page(name, text):
    """Of the daemon."""
    if name.suffix == ".http":
        return replaced(text, ((r"(?m)^(Content-Length|Date): .*", r"\1: CHANCE"),))
    if name.name.startswith("metrics"):
        names = METRICS if "once" in name.parts else f"{METRICS}|{METRICS_OF_ROUNDS}"
        return masked_metrics(text, names)
    if name.suffix == ".log":
        return masked_log(text)
    if name.name == "evidence.txt":
        return "".join(sorted(text.splitlines(keepends=True)))
    if name.suffix == ".json":
        return masked_json(text)
    if name.suffix == ".nagios":
        return re.sub(r"'time'=[0-9.]+s", "'time'=SPAN", text)
    return text


def mask(name, text):
    """`name` is the path of the document in the recording."""
    part = name.parts[0]
    if part == "cases":
        return text
    if part == "made-up":
        return masked_metrics(text, r"process_\w+")
    if part == "cli":
        return replaced(text, ((r"(?m)  in [0-9.]+ m?s$", "  in SPAN"), (r"'time'=[0-9.]+s", "'time'=SPAN"),
                               (r'"/[^"\n]*?/(tests/(?:unit|fuzz)/)', r'"TREE/\1')))
    if name.suffix in (".txt", ".human") and not name.name.startswith("metrics"):
        text = unwrapped(text)
    text = replaced(text, TEXT)
    return masked_json(text) if part == "tables" else masked_page(name, text)
