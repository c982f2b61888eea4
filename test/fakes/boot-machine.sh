#!/bin/sh
# Boots systemd as PID 1 over an overlay of this machine's root, in namespaces of its own (booted-machine.ts starts it by unshare as root):
# what is written there goes into memory and is gone with it. The repository lies at /opt/farola, trees at /usr/lib, node in /usr/bin,
# where units look for it: on this machine it may lie anywhere.
# usage: boot-machine.sh FOLDER REPOSITORY AGENT_TREE COLLECTOR_TREE NODE CGROUP
set -eu
folder=$1 repository=$2 agent=$3 collector=$4 node=$5 cgroup=$6
root=$folder/root

# A cgroup of its own, so that systemd moves nobody else's processes; what is below it, is all that systemd sees.
if [ "${7-}" != in-cgroup ]; then
  mkdir -p "$folder/cgroup"
  mount -t cgroup2 cgroup2 "$folder/cgroup"
  mkdir "$folder/cgroup/$cgroup"
  echo $$ >"$folder/cgroup/$cgroup/cgroup.procs"
  umount "$folder/cgroup"
  exec unshare --cgroup /bin/sh "$0" "$@" in-cgroup
fi

mkdir -p "$folder/memory" "$root"
mount -t tmpfs tmpfs "$folder/memory"
mkdir "$folder/memory/upper" "$folder/memory/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/memory/upper,workdir=$folder/memory/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 "$root/dev/${device%:*}" c 1 "${device#*:}"
done
mknod -m 666 "$root/dev/tty" c 5 0

mkdir -p "$root/opt/farola" "$root/usr/lib/farola-agent" "$root/usr/lib/farola-collector"
mount --bind "$repository" "$root/opt/farola"
mount --bind "$agent" "$root/usr/lib/farola-agent"
mount --bind "$collector" "$root/usr/lib/farola-collector"
rm -f "$root/usr/bin/node"
: >"$root/usr/bin/node"
mount --bind "$node" "$root/usr/bin/node"

# Nothing of what this machine itself runs: only what a service may lean on.
units=$root/etc/systemd/system
rm -rf "$units"
mkdir -p "$units"
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n' >"$units/farola-boot.target"
ln -s farola-boot.target "$units/default.target"
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-kernel.socket systemd-udevd-control.socket \
  systemd-logind.service systemd-networkd.service systemd-sysctl.service systemd-modules-load.service systemd-remount-fs.service \
  getty.target; do
  ln -s /dev/null "$units/$unit"
done
: >"$root/etc/fstab"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
rm -rf "$root/var/log/journal"

# PrivateUsers= of the unit needs a root that is one: chroot(2) alone is refused a user namespace.
mkdir "$root/oldroot"
cd "$root"
pivot_root . oldroot
umount -l /oldroot
exec env -i container=other PATH=/usr/bin:/bin:/usr/sbin:/sbin /lib/systemd/systemd --system --show-status=no --log-level=info
