#!/usr/bin/env bash
# Passes the tests: installs the rigs from Debian packages where it may, says what is skipped where it may not, then runs 'dotnet test'.
#   ./test.sh            everything but the long series
#   ./test.sh --soak     the long series too (kill, fuzz and boot series; an hour)
# PACKER_REQUIRE_RIGS=1 makes a missing rig a failure instead of a skipped test.
set -euo pipefail
cd "$(dirname "$0")"

filter='TestCategory!=Soak'
while [ $# -gt 0 ]; do
    case "$1" in
        --soak) filter='' ;;
        *) echo "usage: ./test.sh [--soak]" >&2; exit 2 ;;
    esac
    shift
done

# What the rig tests run, and the Debian package that brings it.
rigs='qemu-system-x86_64:qemu-system-x86 qemu-img:qemu-utils e2fsck:e2fsprogs debugfs:e2fsprogs fsck.vfat:dosfstools mcopy:mtools sgdisk:gdisk cpio:cpio getfattr:attr flock:util-linux setsid:util-linux xz:xz-utils zstd:zstd apt-get:apt dpkg-deb:dpkg tar:tar xorriso:xorriso isoinfo:genisoimage bsdtar:libarchive-tools blkid:util-linux file:file curl:curl script:bsdutils ansible-playbook:ansible-core ssh:openssh-client sshd:openssh-server scp:openssh-client ssh-agent:openssh-client unshare:util-linux openssl:openssl packer:packer as:binutils ld:binutils ssh-keygen:openssh-client gzip:gzip skopeo:skopeo umoci:umoci chroot:coreutils dpkg-scanpackages:dpkg-dev python3:python3 unzip:unzip lz4:lz4 bzip2:bzip2 docker-registry:docker-registry qemu-io:qemu-utils vagrant:vagrant node:nodejs npm:npm chromium:chromium sbverify:sbsigntool cert-to-efi-sig-list:efitools objcopy:binutils objdump:binutils gcc:gcc aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu qemu-system-aarch64:qemu-system-arm /usr/share/AAVMF/AAVMF_CODE.fd:qemu-efi-aarch64 veritysetup:cryptsetup-bin /usr/lib/systemd/boot/efi/linuxx64.efi.stub:systemd-boot-efi dnsmasq:dnsmasq-base ip:iproute2 bash:bash'
packages=''
for rig in $rigs; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "${rig%%:*}" >/dev/null 2>&1 || packages="$packages ${rig#*:}"
done
[ -e /usr/share/OVMF/OVMF_CODE_4M.fd ] || packages="$packages ovmf"
[ -e /usr/lib/x86_64-linux-gnu/qemu/block-curl.so ] || packages="$packages qemu-block-extra"
[ -e /usr/lib/python3/dist-packages/winrm/__init__.py ] || packages="$packages python3-winrm"
python3 -c 'import jsonschema' >/dev/null 2>&1 || packages="$packages python3-jsonschema"
[ -e /etc/gss/mech.d/mech.ntlmssp.conf ] || packages="$packages gss-ntlmssp"
packages=$(printf '%s\n' $packages | sort -u | tr '\n' ' ')
if [ -n "${packages// /}" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing the rigs that are missing:$(printf ' %s' $packages)"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
    else
        echo "Tests that need these Debian packages are skipped:$(printf ' %s' $packages)"
    fi
fi
# What drives the browser that opens the report of a build, what checks bills of materials, and what makes the site of the documentation.
for folder in tests/report-browser tests/sbom-validator site; do
    if [ ! -d "$folder/node_modules" ] && command -v npm >/dev/null 2>&1; then
        npm ci --prefix "$folder" --no-audit --no-fund --silent || echo "The tests that need $folder are skipped: 'npm ci' failed there."
    fi
done
# The tiny guest is made of Debian packages, which are only unpacked; lists say where they are.
if [ -d ../shared/fixtures/tiny-guest ] && [ "$(id -u)" = 0 ] && command -v apt-cache >/dev/null 2>&1 && ! apt-cache show busybox >/dev/null 2>&1; then apt-get update -qq; fi
[ -d ../shared/fixtures ] || echo "Tests that need the fixtures in ../shared are skipped: the folder is not there."

export MSBUILDDISABLENODEREUSE=1
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
for project in tests/*/*.csproj; do
    case "$project" in *Tests.csproj) ;; *) continue ;; esac
    dotnet test "$project" -nologo ${filter:+--filter "$filter"} --logger "trx;LogFilePrefix=tests" --results-directory "$results" || status=1
done

# The totals of all projects, in one line.
total() { { grep -ho "<Counters [^>]*" "$results"/*.trx || true; } | { grep -o " $1=\"[0-9]*\"" || true; } | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'; }
passed=$(total passed)
failed=$(($(total failed) + $(total error) + $(total timeout) + $(total aborted)))
skipped=$(($(total total) - passed - failed))
[ "$passed" -gt 0 ] || { echo "No test has run."; status=1; }
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
exit "$status"
