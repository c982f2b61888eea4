#!/bin/sh
# A machine on which nothing of Farola is yet but its trees, users and folders: an overlay of this machine's root, in a mount and a network
# namespace of its own (plain-machine.ts starts it by unshare as root). What is written there goes into memory. Stays until its input ends.
# Node lies in /usr/bin there: on this machine it may lie where only root may look, or in /tmp.
# usage: plain-machine.sh FOLDER REPOSITORY AGENT_TREE COLLECTOR_TREE WORK NODE
set -eu
folder=$1 repository=$2 agent=$3 collector=$4 work=$5 node=$6
root=$folder/root

mkdir -p "$folder/memory" "$root"
mount -t tmpfs tmpfs "$folder/memory"
mkdir "$folder/memory/upper" "$folder/memory/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/memory/upper,workdir=$folder/memory/work" "$root"
for place in proc sys dev; do mount --rbind "/$place" "$root/$place"; done
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/opt/farola" "$root/usr/lib/farola-agent" "$root/usr/lib/farola-collector" "$root/srv/work"
mount --bind "$repository" "$root/opt/farola"
mount --bind "$agent" "$root/usr/lib/farola-agent"
mount --bind "$collector" "$root/usr/lib/farola-collector"
mount --bind "$work" "$root/srv/work"
rm -f "$root/usr/bin/node"
: >"$root/usr/bin/node"
mount --bind "$node" "$root/usr/bin/node"
rm -rf "$root/etc/farola" "$root/etc/farola-collector" "$root/var/lib/farola" "$root/var/lib/farola-collector"
for program in agent collector; do
  cp "$repository/systemd/sysusers.d/farola-$program.conf" "$root/usr/lib/sysusers.d/"
  cp "$repository/systemd/tmpfiles.d/farola-$program.conf" "$root/usr/lib/tmpfiles.d/"
done
chroot "$root" systemd-sysusers farola-agent.conf farola-collector.conf
chroot "$root" systemd-tmpfiles --create farola-agent.conf farola-collector.conf
cp "$root/etc/hosts" "$root/tmp/hosts"
echo '127.0.0.1 collector.example.org' >>"$root/tmp/hosts"
mount --bind "$root/tmp/hosts" "$root/etc/hosts"
ip link set lo up

# What this machine had mounted came along as copies, and a disk that another test unplugs is free when the last copy of its mount is gone.
mkdir "$root/oldroot"
cd "$root"
pivot_root . oldroot
umount -l /oldroot
rmdir /oldroot
echo ready
exec cat >/dev/null
