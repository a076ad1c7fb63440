# Sourced. A Debian that boots in a container and runs a test from inside; `fail` is the caller's.

# boot_with_proof TREE TEST [UNIT]: TEST, which lies in TREE, runs as root when the system and UNIT are up.
boot_with_proof() {
    local tree=$1 console=$1.console
    cat >"$tree/etc/systemd/system/proof.service" <<UNIT
[Unit]
After=multi-user.target ${3:-}
SuccessAction=poweroff
FailureAction=poweroff
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -B $2 --verbose
StandardOutput=file:/proof.log
StandardError=file:/proof.log
TimeoutStartSec=300
ExecStopPost=/bin/sh -c 'echo "\$SERVICE_RESULT" >/proof.result'
[Install]
WantedBy=default.target
UNIT
    systemctl --root="$tree" enable --quiet proof.service
    timeout --kill-after=20 420 systemd-nspawn --quiet --register=no --keep-unit --private-network --directory="$tree" --boot \
        </dev/null >"$console" 2>&1 || true
    if [ ! -e "$tree/proof.result" ]; then
        tail -n 50 "$console" >&2
        fail "the container did not come to the proof"
    fi
    cat "$tree/proof.log"
    [ "$(cat "$tree/proof.result")" = success ]
}
