"""usage: service.py ADDRESS PORT [CERTIFICATE KEY]: accepts connections, with TLS where a certificate is given, and keeps each
until its client ends it."""

import socket
import ssl
import sys
import threading


def serve(connection, context):
    try:
        with connection if context is None else context.wrap_socket(connection, server_side=True) as stream:
            while stream.recv(4096):
                pass
    except OSError:
        pass


def main(address, port, *certificate):
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    listener = socket.create_server((address, int(port)), backlog=512)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], context), daemon=True).start()


main(*sys.argv[1:])
