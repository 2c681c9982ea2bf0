#!/bin/sh
# Makes the .bin files of the programs in the folder given (default: this one), for x86-64 and for arm64. Needs gcc and GNU binutils for both; gcc 12.2 has made those in the
# repository, by which building the SDK needs none of them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
build() {
    architecture=$1 prefix=$2
    shift 2
    for program in grow verity router sntp; do
        "${prefix}gcc" -Os -std=gnu11 -Wall -Wextra -Werror -ffreestanding -fno-builtin -fno-strict-aliasing -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables "$@" \
            -nostdlib -static -Wl,--build-id=none,-z,norelro,-z,noseparate-code -s -o "$out/$program.$architecture.bin" "$here/$program.c"
        "${prefix}objcopy" -R .comment -R .note.gnu.property "$out/$program.$architecture.bin"
        chmod 644 "$out/$program.$architecture.bin"
    done
}

build amd64 "" -fcf-protection=none -mno-sse
build arm64 aarch64-linux-gnu- -mgeneral-regs-only
