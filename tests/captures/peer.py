"""The two ends of the recorded connections: peer.py ROLE, see each function."""
import socket
import struct
import sys
import time

SERVER = ("10.99.0.2", 9440)
CLIENT = ("10.77.0.2", 40000)
# As long as a ClientHello. What it says is of no account to the packets.
HELLO = b"\x16\x03\x01\x02\x00" + bytes(512)


def connect(seconds):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.bind(CLIENT)
    client.settimeout(seconds)
    client.connect(SERVER)
    return client


def read_all(stream):
    while stream.recv(65536):
        pass


def client(action, size, seconds):
    """Connects, sends `size` bytes: at once, or each thousand alone, or late; and reads to the end."""
    try:
        stream = connect(seconds)
        if action == "late":
            time.sleep(0.3)
        step = 1000 if action == "steps" else size
        for begin in range(0, size, max(step, 1)):
            stream.sendall((HELLO * (step // len(HELLO) + 1))[:min(step, size - begin)])
            if action == "steps":
                time.sleep(0.005)
        if action == "steps":
            stream.shutdown(socket.SHUT_WR)
        read_all(stream)
    except OSError as error:
        print(f"  the client: {error}", file=sys.stderr)


def server(action, size):
    """Accepts one connection. "reset": reads and resets; "close": closes at once; "read": reads to the end;
    "answer": reads once and sends `size` bytes."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(SERVER)
    listener.listen()
    print("ready", flush=True)
    stream, _ = listener.accept()
    if action in ("reset", "answer"):
        stream.recv(65536)
    if action == "reset":
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif action == "answer":
        stream.sendall(bytes(size))
        time.sleep(10)
    elif action == "read":
        read_all(stream)
    stream.close()


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def injector():
    """A device that looks on: lets the first payload of the client pass and resets in the server's name."""
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    sniffer.bind(("client0", 0))
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    print("ready", flush=True)
    while True:
        packet = sniffer.recv(65536)
        header = (packet[0] & 15) * 4
        if packet[9] != 6 or packet[16:20] != socket.inet_aton(SERVER[0]):
            continue
        ack = struct.unpack("!I", packet[header + 8:header + 12])[0]
        if len(packet) <= header + (packet[header + 12] >> 4) * 4:
            continue
        ends = socket.inet_aton(SERVER[0]) + socket.inet_aton(CLIENT[0])
        tcp = struct.pack("!HHIIBBHHH", SERVER[1], CLIENT[1], ack, 0, 5 << 4, 4, 0, 0, 0)
        total = checksum(ends + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)
        tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 7, 0, 128, 6, 0) + ends
        sender.sendto(ip + tcp, (CLIENT[0], 0))
        return


if __name__ == "__main__":
    if sys.argv[1] == "client":
        client(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    elif sys.argv[1] == "server":
        server(sys.argv[2], int(sys.argv[3]))
    else:
        injector()
