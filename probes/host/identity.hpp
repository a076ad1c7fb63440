// Where this host runs: its cloud, its kernel, and whether this is a container. Read from files; nothing is sent.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config/cloud.hpp"

namespace whylink::probes {

struct HostIdentity {
    std::optional<config::Cloud> cloud;  ///< none: nothing here tells
    std::string kernel;                  ///< the release (uname(2)): "6.1.0-28-amd64"
    bool container = false;
};

struct IdentitySources {
    std::filesystem::path root = "/";  ///< of the files
    bool kubernetes = false;           ///< KUBERNETES_SERVICE_HOST is in the environment
};

/// By the first rule that holds. The files are those of /sys/class/dmi/id, but for the UUID of Xen.
///
/// Azure: chassis_asset_tag is 7783-7084-3265-9085-8269-3286-77, which no other Hyper-V host has.
///   cloud-init, tools/ds-identify, is_azure_chassis(); cloudinit/sources/azure/identity.py, ChassisAssetTag.
/// AWS: sys_vendor, board_vendor or bios_vendor is "Amazon EC2" (Nitro, bare metal and Arm);
///   systemd, src/basic/virt.c, dmi_vendor_table. bios_version ends in ".amazon", or /sys/hypervisor/uuid begins with
///   "ec2" (Xen); product_uuid begins with "ec2" and product_serial is the same, as a UUID alone may begin so by chance.
///   https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/identify_ec2_instances.html; cloud-init, tools/ds-identify,
///   ec2_identify_platform().
/// GCP: product_name is "Google Compute Engine", or product_serial begins with "GoogleCloud-". The vendor "Google" alone
///   is a Chromebook, too. https://cloud.google.com/compute/docs/instances/detect-compute-engine; cloud-init,
///   tools/ds-identify, dscheck_GCE().
/// other: a vendor or product is there, and none of these. None: the host has no DMI, or hides it.
///
/// product_uuid and product_serial are root's alone; no rule needs them. Of each file 256 bytes are read.
std::optional<config::Cloud> cloud_of(const IdentitySources& sources);

/// A marker file (/.dockerenv of Docker, /run/.containerenv of Podman, /run/systemd/container and
/// /run/host/container-manager of systemd: systemd, src/basic/virt.c, detect_container(), and
/// https://systemd.io/CONTAINER_INTERFACE), Kubernetes' environment
/// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables), or a cgroup of this process
/// that a container manager made (cgroups(7); hidden where the container has a cgroup namespace).
/// /proc/1/environ, which systemd asks too, is root's alone.
bool in_container(const IdentitySources& sources);

/// Of this host. Never throws for what a file holds.
HostIdentity host_identity();

}  // namespace whylink::probes
