// One sample of each protocol at least, as servers send them.
#include "config/first_bytes.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace whylink::config {
namespace {

using std::string_literals::operator""s;

struct Sample {
    std::string bytes;
    std::string_view meaning;
    Opening opening = Opening::speaks;
};

const std::string ones(16, '\xff');

const Sample samples[]{
    {"HTTP/1.1 400 Bad Request\r\n", "HTTP"},
    {"HTTP/1.0 400 Bad Request\r\n\r\nPort 9000 is for clickhouse-client program\r\n",
     "a ClickHouse server (native protocol)"},
    {"HTTP/1.1 200 OK\r\nX-ClickHouse-Summary: {}\r\n", "a ClickHouse server (HTTP)"},
    {"HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\n", "Elasticsearch (HTTP)"},
    {"This is not an HTTP port", "Elasticsearch (transport protocol)"},
    {"HTTP/1.0 200 OK\r\nContent-Length: 85\r\n\r\nIt looks like you are trying to access MongoDB over HTTP on the "
     "native driver port.\r\n",
     "a MongoDB server"},
    {"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80"s, "HTTP/2"},
    {"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01"s, "HTTP/2"},
    {"\x15\x03\x01\0\x02\x02\x46"s, "a TLS server"},
    {"\x16\x03\x03\0\x7a\x02\0\0\x76"s, "a TLS server"},
    {"\x16\x03\x01\x02\0\x01\0\x01\xfc"s, "a TLS client, not a server"},
    {"\x80\x2e\x04\0\x01\0\x02"s, "an SSL 2.0 server"},
    {"\x80\x03\0\0\x01"s, "an SSL 2.0 server"},
    {"SSH-2.0-OpenSSH_9.2\r\n", "an SSH server"},
    {"Exceeded MaxStartups\r\n", "an SSH server", Opening::limits},
    {"Not allowed at this time\r\n", "an SSH server", Opening::blocks},
    {"220 mail ESMTP Postfix\r\n", "an SMTP server"},
    {"220 (vsFTPd 3.0.3)\r\n", "an FTP server"},
    {"220 ready\r\n", "an SMTP or FTP server"},
    {"421 There are too many connected users, please try later.\r\n", "an SMTP or FTP server",
     Opening::limits},
    {"421 4.3.2 Service not available\r\n", "an SMTP or FTP server", Opening::cannot_serve},
    {"554 5.7.1 Service unavailable; client host blocked\r\n", "an SMTP server", Opening::refuses},
    {"521 5.5.1 Protocol error\r\n", "an SMTP server", Opening::refuses},
    {"* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", "an IMAP server"},
    {"* BYE Too many connections\r\n", "an IMAP server", Opening::cannot_serve},
    {"+OK Dovecot ready.\r\n", "a POP3 or Redis server"},
    {"-NOAUTH Authentication required.\r\n", "a Redis server"},
    {"-DENIED Redis is running in protected mode", "a Redis server in protected mode", Opening::refuses},
    {"-ERR max number of clients reached\r\n", "a Redis server", Opening::limits},
    {"-ERR unknown command 'GET'\r\n", "a Redis server"},
    {"E\0\0\0\x85SFATAL\0VFATAL\0"s, "a PostgreSQL error"},
    {"R\0\0\0\x17\0\0\0\x0aSCRAM"s, "a PostgreSQL server"},
    {"\x4a\0\0\0\x0a"
     "8.0.36\0"s,
     "a MySQL or MariaDB server"},
    {"\x5a\0\0\0\x0a"
     "5.5.5-10.11.6-MariaDB\0"s,
     "a MySQL or MariaDB server"},
    {"\x45\0\0\0\xff\x69\x04Host '10.0.0.1' is blocked"s, "a MySQL or MariaDB server", Opening::blocks},
    {"\x45\0\0\0\xff\x6a\x04Host '10.0.0.1' is not allowed"s, "a MySQL or MariaDB server", Opening::refuses},
    {"\x17\0\0\0\xff\x10\x04Too many connections"s, "a MySQL or MariaDB server", Opening::limits},
    {"\x05\0\0\0\x0b\x08\x05\x1a\0"s, "a MySQL server (X Protocol)"},
    {"\x39\x01\0\0\x07\0\0\0\x01\0\0\0\xdd\x07\0\0\0\0\0\0"s, "a MongoDB server"},
    {"\0\0\0\x14whyl\0\0\0\0\0\x01"s, "a Kafka broker"},
    {"AMQP\0\0\x09\x01"s, "an AMQP 0-9-1 broker"},
    {"\x01\0\0\0\0\x01\xd6\0\x0a\0\x0a"s, "an AMQP 0-9-1 broker"},
    {"AMQP\x03\x01\0\0"s, "an AMQP 1.0 broker"},
    {"\x20\x02\0\x05"s, "an MQTT broker"},
    {"\x20\x03\0\x87\0"s, "an MQTT broker"},
    {"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0"s, "an LDAP server"},
    {"\x30\x84\0\0\0\x10\x02\x01\x01\x61\x84\0\0\0\x07\x0a\x01\0\x04\0\x04\0"s, "an LDAP server"},
    {"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02"s, "an RDP server"},
    {"\x04\x01\0\x2b\0\0\x01\0\0\0\x1a\0\x06"s, "a Microsoft SQL Server (TDS)"},
    {"INFO {\"server_id\":\"N\"}\r\n", "a NATS server"},
    {"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n", "a PROXY header, version 1"},
    {"\r\n\r\n\0\r\nQUIT\n\x21\x11"s, "a PROXY header, version 2"},
    {ones + "\0\x1d\x01\x04"s, "a BGP speaker"},
    {ones + "\0\x15\x03\x06\x05"s, "a BGP speaker"},
    {"\0\x0c\x16\x03\x80\x81\0\0\0\0\0\0\0\0"s, "a DNS server"},
    {"\x80\0\0\x18\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"s, "an ONC RPC server"},
    {"\x05\0\x0d\x03\x10\0\0\0\x18\0\0\0\0\0\0\0"s, "a Microsoft RPC server"},
    {"ncacn_http/1.0", "a Microsoft RPC server (over HTTP)"},
    {"\0\0\0\x55\xfeSMB@\0"s, "an SMB server"},
    {"\x83\0\0\x01\x8f"s, "an SMB server"},
    {"RFB 003.008\n", "a VNC server"},
    {"ERROR\r\n", "a memcached server"},
    {"\x81\0\0\0\0\0\0\x81"s + std::string(16, '\0'), "a memcached server"},
    {"\x84\0\0\0\0\0\0\0\x3b\0\0\0\x0a"s, "a Cassandra server (CQL)"},
    {"imok", "a ZooKeeper server"},
    {"\0\0\0\x25\0\0\0\0\0\0\x75\x30\x01\0\0\0\0\0\0\x01\0\0\0\x10"s + std::string(17, '\0'),
     "a ZooKeeper server"},
    {"\x02\x04\x02\0\0\x0d"
     "DB::Exception"s,
     "a ClickHouse server (native protocol)"},
    {"\0\x0a"
     "ClickHouse\x18"s,
     "a ClickHouse server (native protocol)"},
    {"\0\x0b\0\0\x04\0\0\0\x22\0\0"s, "an Oracle listener (TNS)"},
    {"\xff\xfd\x18\xff\xfd\x20"s, "a telnet server"},
    {"\x05\xff"s, "a SOCKS proxy"},
    {"@RSYNCD: 31.0\n", "an rsync daemon"},
};

TEST(FirstBytes, NameTheirProtocol) {
    for (const Sample& sample : samples) {
        const FirstBytes* row = row_of(sample.bytes);
        ASSERT_NE(row, nullptr) << sample.meaning;
        EXPECT_EQ(row->meaning, sample.meaning);
        EXPECT_EQ(row->opening, sample.opening) << sample.meaning;
    }
}

TEST(FirstBytes, CutOffNameNothingElse) {
    for (const Sample& sample : samples) {
        for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
            const std::string_view name = app_by_first_bytes(std::string_view(sample.bytes).substr(0, size));
            const bool is_general = name.empty() || name == sample.meaning || name == "HTTP" ||
                                    name == "a TLS server" || name == "an SMTP or FTP server" ||
                                    name == "a Redis or POP3 server" || name == "an AMQP broker" ||
                                    name == "a MySQL or MariaDB server" ||
                                    (name == "a SOCKS proxy" && size == 2);
            EXPECT_TRUE(is_general) << sample.meaning << " cut to " << size << ": " << name;
        }
    }
}

TEST(FirstBytes, OfNoKnownProtocolNameNothing) {
    for (const std::string& bytes :
         {""s, "H"s, "welcome to the jungle\r\n"s, "\0\x9d\xff\x07garbage"s, "\x16\x03"s,
          std::string(64, '\0'), std::string(64, '\xff'), "\x7f\x45LF"s}) {
        EXPECT_EQ(row_of(bytes), nullptr) << app_by_first_bytes(bytes);
    }
}

TEST(FirstBytes, OfAServerThatCountsEarlyEndsAreAGreeting) {
    EXPECT_TRUE(
        counts_early_ends("\x4a\0\0\0\x0a"
                          "8.0.36\0"s));
    EXPECT_FALSE(counts_early_ends("\x45\0\0\0\xff\x69\x04Host '10.0.0.1' is blocked"s))
        << "it has refused already";
    EXPECT_FALSE(counts_early_ends("SSH-2.0-OpenSSH_9.2\r\n"));
    EXPECT_TRUE(counts_early_ends(std::uint16_t{3306}));
    EXPECT_FALSE(counts_early_ends(std::uint16_t{22}));
}

TEST(FirstBytes, AreWaitedForWhereTheServerSpeaksFirst) {
    for (const std::uint16_t port : std::initializer_list<std::uint16_t>{21, 22, 25, 3306}) {
        EXPECT_TRUE(server_speaks_first(port)) << port;
    }
    EXPECT_FALSE(server_speaks_first(443));
    EXPECT_TRUE(judges_by_history(22));
    EXPECT_FALSE(judges_by_history(3306));
}

}  // namespace
}  // namespace whylink::config
